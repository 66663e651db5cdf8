# cmake -DSOURCE= -DBUILD= -DWORK= -DGENERATOR= -DCOMPILER= -DLAUNCHER= -P run.cmake: installs the engine of the build
# tree BUILD into WORK, and builds and runs the examples against it and against SOURCE.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# try(FOLDER OPTION...): the examples, configured like that.
function(try folder)
  file(REMOVE ${WORK}/${folder}/CMakeCache.txt)
  run(${CMAKE_COMMAND} -S ${SOURCE}/tests/package -B ${WORK}/${folder} -G ${GENERATOR}
      -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${ARGN})
  run(${CMAKE_COMMAND} --build ${WORK}/${folder})
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/${folder} --output-on-failure)
endfunction()

file(REMOVE_RECURSE ${WORK}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component neural_ode)
try(installed -DCMAKE_BUILD_TYPE=Release -Dneural_ode_ROOT=${WORK}/prefix)
# The engine is compiled once more, for speed without optimising it.
try(fetched -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DNEURAL_ODE_FETCH=ON
    -DFETCHCONTENT_SOURCE_DIR_NEURAL_ODE=${SOURCE})
