// What the model makes of the series in the picture of `latent`, as curves.
#pragma once

#include <vector>

#include "engine/core/types.h"

namespace neural_ode::latent {

struct Run;

struct Fit {
  static constexpr Index samples = 24;  // of the posterior

  // All as a picture shows it.
  std::vector<double> times;
  Matrix<double> mean, low, high;  // D x times: of the posterior mean, and the band about it
  Matrix<double> draws;            // D x times (samples + 1), see curves; the first one is the mean

  double nearest_time(double x, double y, double otherwise) const;  // of the mean in the plane
};

// Fills run.fit: the curve of the posterior mean and those of `samples` draws.
void infer(Run& run, const Vector<float>& theta);

// Curves through `times`, as a picture shows both, of the codes (L x n): D x T n, time i of curve k in column i n + k. False:
// the latent ODE could not be solved.
bool curves(const Run& run, const Vector<float>& theta, const Matrix<float>& codes,
            const std::vector<double>& times, Matrix<double>& x);

}  // namespace neural_ode::latent
