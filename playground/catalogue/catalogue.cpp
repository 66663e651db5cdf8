#include "playground/catalogue/catalogue.h"

#include <algorithm>
#include <array>

#include "playground/experiments/classify/experiment.h"
#include "playground/experiments/density/experiment.h"
#include "playground/experiments/digits/experiment.h"
#include "playground/experiments/dynamics/experiment.h"
#include "playground/experiments/events/experiment.h"
#include "playground/experiments/filter/experiment.h"
#include "playground/experiments/gradients/experiment.h"
#include "playground/experiments/latent/experiment.h"
#include "playground/experiments/physics/experiment.h"
#include "playground/experiments/solvers/experiment.h"

namespace neural_ode {

namespace {

// In the order of the picker; the first visit loads what makes `first`.
constexpr std::array first = {classify_entry, dynamics_entry, density_entry, latent_entry};
constexpr std::array later = {filter_entry, events_entry,  physics_entry,
                              digits_entry, solvers_entry, gradients_entry};

template <std::size_t n>
constexpr std::array<ExperimentEntry, n> known_only(std::array<ExperimentEntry, n> entries) {
  for (ExperimentEntry& entry : entries) entry.make = nullptr;
  return entries;
}

template <std::size_t n, std::size_t m>
constexpr std::array<ExperimentEntry, n + m> join(const std::array<ExperimentEntry, n>& a,
                                                  const std::array<ExperimentEntry, m>& b) {
  std::array<ExperimentEntry, n + m> all{};
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), all.begin()));
  return all;
}

}  // namespace

Catalogue all_experiments() {
  static constexpr auto entries = join(first, later);
  return Catalogue(entries);
}

Catalogue first_experiments() {
  static constexpr auto entries = join(first, known_only(later));
  return Catalogue(entries);
}

Catalogue later_experiments() {
  static constexpr auto entries = join(known_only(first), later);
  return Catalogue(entries);
}

}  // namespace neural_ode
