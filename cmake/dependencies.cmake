# Each dependency: the system's package where there is one, else the pinned source.
# For another copy, set FETCHCONTENT_SOURCE_DIR_<NAME> (Eigen3, nlohmann_json, doctest, CLI11, glfw).
include(FetchContent)

# neural_ode_dependency(NAME TARGET HEADER URL SHA256): afterwards TARGET exists.
# HEADER is what a header-only library is recognised by; empty for a compiled one.
function(neural_ode_dependency name target header url sha256)
  if(TARGET ${target})
    return()
  endif()
  string(TOUPPER ${name} upper)
  if(NOT FETCHCONTENT_SOURCE_DIR_${upper})
    if(NOT EMSCRIPTEN)
      find_package(${name} QUIET GLOBAL)
    elseif(header)
      # The host's headers serve WebAssembly too, but /usr/include itself must stay out of its search
      # path: link the one folder into a place of its own.
      find_path(${name}_HEADERS ${header} PATHS /usr/local/include /usr/include PATH_SUFFIXES eigen3
                NO_CMAKE_FIND_ROOT_PATH NO_DEFAULT_PATH)
      if(${name}_HEADERS)
        string(REGEX REPLACE "/.*" "" folder ${header})
        file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/headers/${name})
        file(CREATE_LINK ${${name}_HEADERS}/${folder} ${CMAKE_BINARY_DIR}/headers/${name}/${folder} SYMBOLIC)
        add_library(${target} INTERFACE IMPORTED GLOBAL)
        target_include_directories(${target} SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/headers/${name})
      endif()
    endif()
  endif()
  if(TARGET ${target})
    return()
  endif()

  message(STATUS "${name}: no system package, using the pinned source ${url}")
  set(subfolder "")
  if(header)
    # No need for the library's own build: CMake takes none from a folder that is not there.
    set(subfolder SOURCE_SUBDIR headers-only)
  endif()
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${sha256} DOWNLOAD_EXTRACT_TIMESTAMP TRUE ${subfolder})
  FetchContent_MakeAvailable(${name})
  if(header)
    string(TOLOWER ${name} lower)
    find_path(${name}_SOURCE_HEADERS ${header} PATHS ${${lower}_SOURCE_DIR} PATH_SUFFIXES include
              NO_CMAKE_FIND_ROOT_PATH NO_DEFAULT_PATH REQUIRED)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} SYSTEM INTERFACE ${${name}_SOURCE_HEADERS})
  endif()
endfunction()

neural_ode_dependency(Eigen3 Eigen3::Eigen Eigen/Core
  https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
  8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72)
if(PROJECT_IS_TOP_LEVEL) # the engine alone needs no more than Eigen
  neural_ode_dependency(nlohmann_json nlohmann_json::nlohmann_json nlohmann/json.hpp
    https://github.com/nlohmann/json/releases/download/v3.11.2/json.tar.xz
    8c4b26bf4b422252e13f332bc5e388ec0ab5c3443d24399acb675e68278d341f)
  neural_ode_dependency(doctest doctest::doctest doctest/doctest.h
    https://github.com/doctest/doctest/archive/refs/tags/v2.4.9.tar.gz
    19b2df757f2f3703a5e63cee553d85596875f06d91a3333acd80a969ef210856)
  if(NOT EMSCRIPTEN)
    neural_ode_dependency(CLI11 CLI11::CLI11 CLI/CLI.hpp
      https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.1.2.tar.gz
      26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb)
    if(NEURAL_ODE_DESKTOP)
      set(GLFW_BUILD_TESTS OFF)
      set(GLFW_BUILD_EXAMPLES OFF)
      set(GLFW_BUILD_DOCS OFF)
      neural_ode_dependency(glfw3 glfw ""
        https://github.com/glfw/glfw/archive/refs/tags/3.3.8.tar.gz
        f30f42e05f11e5fc62483e513b0488d5bceeab7d9c5da0ffe2252ad81816c713)
    endif()
  endif()
endif()
