// PROBLEM.json as values that fit together.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/data/systems.h"
#include "engine/models/mlp_field.h"
#include "engine/ode/solver.h"

namespace neural_ode {

struct Problem {
  std::unique_ptr<VectorField<double>> field;
  MlpField<double>* mlp = nullptr;  // the field where it is a network or a matrix; bound to theta
  Vector<double> theta;             // P
  const System* system = nullptr;   // the field where it is built in
  Matrix<double> y0;                // D x B
  Matrix<double> times;             // T x 1
  SolverOptions solver;
  std::vector<Matrix<double>> target;  // T of D x B; empty: no loss
};

Result<Problem> read_problem(std::string_view problem_json);

}  // namespace neural_ode
