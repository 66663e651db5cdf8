// Every experiment there is. Adding one: a file in this folder and a row in registry.cpp.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/kernels.h"   // select_kernels, for programs that run experiments
#include "engine/core/parallel.h"  // set_threads, likewise
#include "engine/experiments/experiment.h"

namespace neural_ode {

std::vector<std::string_view> experiment_names();              // in the order of the picker
const ExperimentInfo* experiment_info(std::string_view name);  // null when unknown
bool makes_experiment(
    std::string_view name);  // known, and not left out of this build (registry.cpp)
// Null where makes_experiment is false.
std::unique_ptr<Experiment> make_experiment(std::string_view name);
// "unknown experiment 'foo'; there are: dynamics, classify"
std::string unknown_experiment(std::string_view name);

}  // namespace neural_ode
