# Each dependency: the system's package where there is one, else the pinned source.
include(FetchContent)

# dependency(NAME package target url hash): afterwards `target` exists.
macro(neural_ode_dependency name target url hash)
  find_package(${name} QUIET ${ARGN})
  if(NOT TARGET ${target})
    message(STATUS "${name}: no system package, fetching the pinned source")
    FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${hash} DOWNLOAD_EXTRACT_TIMESTAMP TRUE)
    FetchContent_MakeAvailable(${name})
  endif()
endmacro()
