// What can be set in `density`, read once a run.
#pragma once

#include <cstdint>
#include <string>

#include "engine/models/density_model.h"
#include "playground/contract/experiment.h"

namespace neural_ode::density {

struct Options {
  enum class Method { likelihood, matching, optimal_matching, reverse_kl };

  std::string data;    // a density in the plane, or "own"
  std::string source;  // a density in the plane, or "normal"; for matching alone
  double noise = 0;
  Method method = Method::likelihood;
  double sigma = 0;
  int planar_layers = 0;  // 0: no planar flow beside it
  DensitySpec spec;       // but for its gradient
  int batch = 0, test_points = 0;
  std::int64_t schedule_steps = 0;

  // By flow matching, which solves nothing.
  bool matches() const { return method == Method::matching || method == Method::optimal_matching; }
  bool by_reverse_kl() const { return method == Method::reverse_kl; }
};

Options read_options(const Settings& settings);

}  // namespace neural_ode::density
