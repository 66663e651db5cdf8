#include "engine/experiments/registry.h"

#include <array>

#include "engine/experiments/classify.h"
#include "engine/experiments/density.h"
#include "engine/experiments/digits.h"
#include "engine/experiments/dynamics.h"
#include "engine/experiments/events.h"
#include "engine/experiments/filter.h"
#include "engine/experiments/gradients.h"
#include "engine/experiments/latent.h"
#include "engine/experiments/nearest_name.h"
#include "engine/experiments/physics.h"
#include "engine/experiments/solvers.h"

namespace neural_ode {

namespace {

struct Row {
  std::string_view name;
  std::unique_ptr<Experiment> (*make)();
};

constexpr std::array rows = {
    Row{"classify", make_classify},   Row{"dynamics", make_dynamics}, Row{"density", make_density},
    Row{"latent", make_latent},       Row{"filter", make_filter},     Row{"events", make_events},
    Row{"physics", make_physics},     Row{"digits", make_digits},     Row{"solvers", make_solvers},
    Row{"gradients", make_gradients},
};

}  // namespace

std::vector<std::string_view> experiment_names() {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

std::unique_ptr<Experiment> make_experiment(std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name) return row.make();
  }
  return nullptr;
}

std::string unknown_experiment(std::string_view name) {
  return unknown_name("experiment", name, experiment_names());
}

}  // namespace neural_ode
