# Warnings, determinism and sanitizers for all of our own targets.
add_library(neural_ode_flags INTERFACE)
target_compile_features(neural_ode_flags INTERFACE cxx_std_20)
# -ffp-contract=off: a*b+c is two roundings everywhere, so that a seed gives the same run on every machine and from
# every compiler; the fast kernels say by multiply_add where they want one.
target_compile_options(neural_ode_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC's flow analysis reports std::string and Eigen copies that cannot happen (GCC bugs 105651, 107087);
  # Clang, AddressSanitizer and UndefinedBehaviorSanitizer look for the real ones.
  target_compile_options(neural_ode_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized
                         -Wno-stringop-overflow)
endif()
if(NEURAL_ODE_WERROR)
  target_compile_options(neural_ode_flags INTERFACE -Werror)
endif()
if(NEURAL_ODE_SANITIZE)
  target_compile_options(neural_ode_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                         -fno-omit-frame-pointer)
  target_link_options(neural_ode_flags INTERFACE -fsanitize=address,undefined)
endif()
if(EMSCRIPTEN)
  target_compile_options(neural_ode_flags INTERFACE -fno-exceptions)
  if(NEURAL_ODE_SIMD)
    # A target with the property NEURAL_ODE_PLAIN runs where SIMD is missing.
    target_compile_options(neural_ode_flags INTERFACE $<$<NOT:$<BOOL:$<TARGET_PROPERTY:NEURAL_ODE_PLAIN>>>:-msimd128>)
  endif()
  # Eigen wants more than newer Emscriptens' 64 KB; the option changed its name in 3.1.25.
  if(EMSCRIPTEN_VERSION VERSION_LESS 3.1.25)
    set(neural_ode_stack_option -sTOTAL_STACK=2097152)
  else()
    set(neural_ode_stack_option -sSTACK_SIZE=2097152)
  endif()
  # Programs for Node. Read and compiled at once: the other way, older Emscriptens ask any fetch that they find for the
  # module, and Node's refuses files.
  set(neural_ode_node_link_options -sENVIRONMENT=node -sWASM_ASYNC_COMPILATION=0 -sNODERAWFS=1 -sEXIT_RUNTIME=1
      -sALLOW_MEMORY_GROWTH=1 ${neural_ode_stack_option})
endif()
