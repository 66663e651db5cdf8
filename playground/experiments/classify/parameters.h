// What can be set in `classify`, read once a run.
#pragma once

#include <string>

#include "engine/core/result.h"
#include "engine/models/classifier.h"
#include "playground/contract/experiment.h"

namespace neural_ode::classify {

struct Options {
  std::string data;  // a point set, "one_dimensional" or "own"
  int points = 0;
  double noise = 0;
  int batch = 0;
  ClassifierSpec spec;

  // Whether the data lie on a line and the model is fitted to values.
  bool on_line() const { return spec.regression; }
  bool is_ode() const { return spec.model == ClassifierModel::ode; }
  bool is_plain() const { return spec.model == ClassifierModel::plain; }
  bool chooses_steps() const { return is_ode() && spec.solver.adaptive(); }
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::classify
