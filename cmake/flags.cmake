# Warnings, determinism and sanitizers for all of our own targets.
add_library(neural_ode_flags INTERFACE)
target_compile_features(neural_ode_flags INTERFACE cxx_std_20)
# -ffp-contract=off: a*b+c is two roundings everywhere, so that a seed gives the same run on every machine.
target_compile_options(neural_ode_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -ffp-contract=off)
if(NEURAL_ODE_WERROR)
  target_compile_options(neural_ode_flags INTERFACE -Werror)
endif()
if(EMSCRIPTEN)
  target_compile_options(neural_ode_flags INTERFACE -msimd128)
endif()
if(NEURAL_ODE_SANITIZE)
  target_compile_options(neural_ode_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                         -fno-omit-frame-pointer)
  target_link_options(neural_ode_flags INTERFACE -fsanitize=address,undefined)
endif()
