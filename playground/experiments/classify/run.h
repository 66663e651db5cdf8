// What one run of `classify` holds: its picture is drawn from it.
#pragma once

#include <limits>
#include <memory>

#include "engine/core/types.h"
#include "engine/data/labelled_points.h"
#include "engine/models/classifier.h"
#include "engine/ode/solver.h"
#include "playground/experiments/classify/parameters.h"
#include "playground/picture/plots.h"

namespace neural_ode::classify {

struct Run {
  using Model = Classifier<float>;

  Options options;
  Split data;
  View scale;                     // of own data: what is [-1, 1]^2 to the model
  Matrix<float> train_x, test_x;  // n x N, model coordinates
  std::unique_ptr<Model> model;   // null: the settings cannot be run
  std::unique_ptr<Solver<float>> picture_solver;
  Model::Score score;

  // Data coordinates to the model's: own data of any size are brought to about [-1, 1]^2.
  Matrix<float> to_model(const Matrix<double>& x) const;
};

inline constexpr char largest_nfe_curve[] = "largest_nfe", mean_nfe_curve[] = "mean_nfe";

}  // namespace neural_ode::classify
