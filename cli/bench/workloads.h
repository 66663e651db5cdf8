// Named pieces of work to time: `neural-ode bench` and the same in WebAssembly. Adding one: a
// function and a row in workloads.cpp.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace neural_ode {

struct Workload {
  std::string_view name;         // "spiral_dopri5"
  std::string_view description;  // one line: what a run does
  // Sets everything up; each call of the result is one run, and returns the floating-point
  // operations of its products and activations (one for each entry of an activation).
  std::function<double()> (*make)();
};

std::span<const Workload> workloads();

// A training step that grows in one respect, to see how its time does.
struct Growth {
  struct Size {
    int argument;  // of make
    int count;     // what grows: samples, steps, parameters
  };
  std::string_view name;         // "batch"
  std::string_view description;  // one line: what is counted, and what stays
  Size sizes[5];
  std::function<double()> (*make)(int argument);
};

std::span<const Growth> growths();

}  // namespace neural_ode
