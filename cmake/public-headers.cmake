# What a user includes as <neural_ode/ode/solve.h> is engine/ode/solve.h with `#include "engine/..."` made
# `#include "neural_ode/..."`: an `engine/` of their own and ours never meet, and the installed tree and a source tree
# that is a part of another project give the same names.

# neural_ode_write_headers(SOURCE VERSION_HEADER TARGET): the headers of SOURCE to TARGET/neural_ode. A file that would
# not change is not touched.
function(neural_ode_write_headers source version_header target)
  file(GLOB_RECURSE headers RELATIVE ${source} ${source}/*.h)
  list(FILTER headers EXCLUDE REGEX "_impl\\.h$") # the kernels' own
  foreach(header IN LISTS headers)
    neural_ode_write_header(${source}/${header} ${target}/neural_ode/${header})
  endforeach()
  neural_ode_write_header(${version_header} ${target}/neural_ode/version.h)
endfunction()

function(neural_ode_write_header from to)
  file(READ ${from} text)
  string(REPLACE "#include \"engine/" "#include \"neural_ode/" text "${text}")
  if(EXISTS ${to})
    file(READ ${to} before)
    if(before STREQUAL text)
      return()
    endif()
  endif()
  file(WRITE ${to} "${text}")
endfunction()
