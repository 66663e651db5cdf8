// What one run of `gradients` holds: its picture is drawn from it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/analysis/gradient_cost.h"
#include "engine/analysis/recorded_solve.h"
#include "playground/experiments/gradients/parameters.h"

namespace neural_ode::gradients {

// One of the ways to differentiate.
struct Contestant {
  std::string name, label;  // "checkpoints", "4 checkpoints"
  const GradientStrategy* strategy = nullptr;
  GradientOptions options;
  MeasuredGradient measured;  // over the whole duration, with the settings' steps
  double error = 0;           // of it, as gradient_error against the exact one
  struct Point {
    double control = 0, error = 0;
  };
  std::vector<Point> against_control;
  struct Cost {
    double duration = 0, bytes = 0, work = 0, error = 0;  // work: evaluations and products back
  };
  std::vector<Cost> against_duration;
};

struct Run {
  Options options;
  // --- problem.cpp
  std::string title;
  Vector<double> y0, theta;
  std::unique_ptr<VectorField<double>> field;  // with theta
  std::unique_ptr<RecordedSolve> there, back;  // back null: there failed
  MeasuredGradient exact;                      // over the whole duration
  double difference_error = 0;

  std::vector<Contestant> contestants;
};

}  // namespace neural_ode::gradients
