// Whether a gradient is right: the derivatives of a loss of a solve by differences, to hold those
// of a strategy against.
//
//   LossOfSolve problem{.field = ..., .theta = theta, .y0 = y0, .times = times, .loss = loss};
//   const LossDifferences differences = difference_loss(problem);
//   const GradientErrors errors = compare(gradient(field, y0, times, loss), differences);
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/types.h"
#include "engine/gradient/differentiate.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct LossOfSolve {
  // The field with these parameters (P), valid until the next call; asked for whenever they change.
  std::function<VectorField<double>&(VectorIn<double> theta)> field;
  Vector<double> theta = {};  // P
  Matrix<double> y0;          // D x B
  Matrix<double> times;       // T x 1, shared by the samples
  SolverOptions solver = {};  // by dopri5 where they name no method
  StatesLoss<double> loss;
};

struct DifferenceOptions {
  bool theta = true, y0 = true, times = true;  // by what to differentiate
  Index entries = 100;                         // of each at most, spread evenly
};

// Some entries of a gradient, by their place in it.
struct Differences {
  Index total = 0;  // entries of the gradient
  std::vector<Index> entries;
  std::vector<double> values;
};

struct LossDifferences {
  SolveReport report;            // of the loss itself; unless it succeeded there are no differences
  std::string_view method;       // that solved
  Differences theta, y0, times;  // y0 column by column
};

// dL/dx by five points, each a solve. Fixed steps are of as many as at first between two output
// times, whatever the times are moved to: their number jumps, and the discrete gradient is that of
// the steps. Adaptive ones stand for the exact solution: differences take it as good as rounding
// lets it be, at 1e-13, by the first of two methods that comes to the end.
LossDifferences difference_loss(const LossOfSolve& problem, const DifferenceOptions& options = {});

// Of each: the largest error of an entry over the largest difference; the error itself where the
// differences are all zero; nothing where there are no differences or no gradient.
struct GradientErrors {
  std::optional<double> theta, y0, times;
};
GradientErrors compare(const Gradients<double>& found, const LossDifferences& differences);

}  // namespace neural_ode
