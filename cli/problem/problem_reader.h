// PROBLEM.json as values that fit together.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "cli/problem/json_reader.h"
#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/fields/systems.h"
#include "engine/nn/mlp.h"
#include "engine/ode/solver.h"

namespace neural_ode {

struct Problem {
  std::unique_ptr<VectorField<double>> field;
  const Mlp<double>* network = nullptr;  // the field's, where it is a network or a matrix
  Vector<double> theta;                  // P; the network is bound to it, a system only made of it
  const System* system = nullptr;        // the field where it is built in
  bool is_flow = false;  // then y is [z; ell], see fields/flow_field.h, and x is in y0
  Matrix<double> y0;     // D x B
  Matrix<double> times;  // T x 1
  SolverOptions solver;
  std::vector<Matrix<double>> target;  // T of D x B; empty: no such loss
  bool nll = false;                    // a flow's loss: the mean of -log p(x)
};

Result<Problem> read_problem(std::string_view problem_json);

// [batch][dim] as D x B; `batch` < 0: any.
Matrix<double> read_states(JsonReader& reader, const JsonPlace& place, Index dim, Index batch);

}  // namespace neural_ode
