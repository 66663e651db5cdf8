// One run of `gradients`: what it holds, what it does (gradients.cpp) and what it shows
// (gradients_picture.cpp).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/gradient_cost.h"
#include "engine/analysis/recorded_solve.h"
#include "engine/data/systems.h"
#include "engine/models/mlp_field.h"
#include "playground/experiments/gradients/experiment.h"
#include "playground/laboratory/laboratory.h"

namespace neural_ode {

class Gradients final : public Laboratory {
 public:
  const ExperimentInfo& info() const override { return gradients_info(); }
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override;

 private:
  struct Contestant {
    std::string name, label;  // "checkpoints", "few checkpoints"
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

  Status prepare() override;
  void clear_study() override;
  double measure(int point) override;

  void make_problem();
  // The field with these parameters, until the next call.
  VectorField<double>& field(const Vector<double>& theta);
  std::vector<double> output_times(double duration) const;  // from 0, of the loss
  MeasuredGradient exact_gradient(double duration);
  // How far the exact gradient is from central differences, along one direction of (y0, theta).
  double difference_error();
  double loss_at(const Vector<double>& y0, const Vector<double>& theta);
  void solve_there_and_back();

  Plot phase_plot() const;
  Plot drift_plot() const;
  Plot control_plot() const;
  Plot duration_plot(std::string id, std::string title, std::string caption, std::string label,
                     double Contestant::Cost::*value) const;
  std::string describe() const;

  std::string title_;
  Vector<double> y0_, theta_;
  double duration_ = 0;
  const System* system_ = nullptr;  // null: the network
  std::unique_ptr<VectorField<double>> system_field_;
  std::unique_ptr<MlpField<double>> network_;
  Vector<double> network_theta_;
  SolverOptions options_;
  std::vector<Contestant> contestants_;
  MeasuredGradient exact_;  // over the whole duration
  double difference_error_ = 0;
  std::unique_ptr<RecordedSolve> there_, back_;  // back_ null: there_ failed
};

}  // namespace neural_ode
