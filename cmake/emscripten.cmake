# Finds Emscripten's own CMake toolchain: an emsdk on PATH wins, else Debian's package.
find_program(EMCC emcc REQUIRED)
file(REAL_PATH "${EMCC}" emcc_real)
get_filename_component(emscripten_root "${emcc_real}" DIRECTORY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
