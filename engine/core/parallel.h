// Independent tasks on a few threads: the only threads of the engine.
#pragma once

namespace neural_ode {

// How many threads parallel_for uses, the calling one included; 0: one for each core. Process-wide
// and not to be changed while tasks run. The default is 1; WebAssembly has no more.
void set_threads(int count);
int threads();

using Task = void (*)(const void* context, int index);
void run_tasks(int count, Task task, const void* context);

// Calls function(i) once for every i of 0 ... count - 1, in any order and on any thread, and
// returns when all are done; allocates nothing. Called within a task, or while another thread's
// tasks run, it is a plain loop.
template <class Function>
void parallel_for(int count, const Function& function) {
  run_tasks(
      count,
      [](const void* context, int index) { (*static_cast<const Function*>(context))(index); },
      &function);
}

}  // namespace neural_ode
