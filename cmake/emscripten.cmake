# Finds Emscripten's own CMake toolchain: an emsdk on PATH wins, else Debian's package.
find_program(EMCC emcc REQUIRED)
file(REAL_PATH "${EMCC}" emcc_real)
get_filename_component(emscripten_root "${emcc_real}" DIRECTORY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
# Debian keeps the JavaScript modules of Emscripten's linker (acorn) where a Node that is not Debian's does not look.
if(EXISTS /usr/share/nodejs/acorn)
  set(CMAKE_CXX_LINKER_LAUNCHER ${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs)
endif()
