#include "engine/experiments/registry.h"

#include <array>
#include <string>
#include <vector>

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

enum class Part { all, first, later };

// The page's trainer is built in two parts, so that the first visit need not wait for both: each
// knows every experiment's table and can make its own.
#ifndef NEURAL_ODE_EXPERIMENTS
#define NEURAL_ODE_EXPERIMENTS all
#endif
constexpr Part built = Part::NEURAL_ODE_EXPERIMENTS;

struct Row {
  using Info = const ExperimentInfo& (*)();
  using Make = std::unique_ptr<Experiment> (*)();

  std::string_view name;
  Info info;
  Make make;  // null: not in this build

  constexpr Row(std::string_view row_name, Part part, Info row_info, Make row_make)
      : name(row_name),
        info(row_info),
        make(built == Part::all || built == part ? row_make : nullptr) {}
};

constexpr std::array rows = {
    Row{"classify", Part::first, classify_info, make_classify},
    Row{"dynamics", Part::first, dynamics_info, make_dynamics},
    Row{"density", Part::first, density_info, make_density},
    Row{"latent", Part::first, latent_info, make_latent},
    Row{"filter", Part::later, filter_info, make_filter},
    Row{"events", Part::later, events_info, make_events},
    Row{"physics", Part::later, physics_info, make_physics},
    Row{"digits", Part::later, digits_info, make_digits},
    Row{"solvers", Part::later, solvers_info, make_solvers},
    Row{"gradients", Part::later, gradients_info, make_gradients},
};

const Row* find_row(std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string_view> experiment_names() {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

const ExperimentInfo* experiment_info(std::string_view name) {
  const Row* row = find_row(name);
  return row ? &row->info() : nullptr;
}

bool makes_experiment(std::string_view name) {
  const Row* row = find_row(name);
  return row && row->make;
}

std::unique_ptr<Experiment> make_experiment(std::string_view name) {
  return makes_experiment(name) ? find_row(name)->make() : nullptr;
}

std::string unknown_experiment(std::string_view name) {
  return unknown_name("experiment", name, experiment_names());
}

}  // namespace neural_ode
