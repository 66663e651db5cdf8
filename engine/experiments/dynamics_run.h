// One run of `dynamics`: what it holds, what it does (dynamics.cpp) and what it shows
// (dynamics_picture.cpp).
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/trajectories.h"
#include "engine/experiments/experiment.h"
#include "engine/experiments/own_trajectories.h"
#include "engine/experiments/trainee.h"
#include "engine/experiments/windows.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mlp_field.h"

namespace neural_ode {

// Choices of the parameter `data` that are solutions of a known field.
struct KnownData {
  std::string_view name, label, system;
  double t_end;
};
const KnownData* find_known_data(std::string_view choice);  // null for the user's own

bool takes_time(const Settings& settings);  // whether the field is f(t, y)

class Dynamics final : public Experiment {
 public:
  const ExperimentInfo& info() const override;
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Frame sketch() override { return picture(); }
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  Status set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  void split_spans();
  void test();
  double test_windows();
  // Solutions of the learnt field from the start of every trajectory, at times (T x B).
  const std::vector<Matrix<float>>& learnt(const Matrix<double>& times);
  Matrix<double> all_points() const;
  Frame picture();
  Plot drawn_plot() const;
  Plot phase_plot(const Layer& learnt);
  Plot time_plot(const Layer& learnt) const;
  Layer model_arrows(const Plot& plot);
  Layer learnt_paths();
  Layer true_paths(bool beyond) const;
  double matrix_error() const;
  std::string describe() const;

  struct Scores {
    double test_loss = unknown, trajectory_mse = unknown, extrapolation_mse = unknown;
  };

  Settings settings_;
  OwnTrajectories own_;
  TrajectorySet data_;  // exact: empty for own data
  std::vector<WindowRange> train_ranges_, test_ranges_;
  double t_begin_ = 0, t_train_ = 0, t_end_ = 0;
  int window_ = 0, test_window_ = 0;
  std::unique_ptr<MlpField<float>> field_;  // null: the last reset failed
  std::unique_ptr<Gradient<float>> gradient_;
  std::unique_ptr<Solver<float>> solver_;
  Trainee trainee_;
  WindowBatch windows_, held_out_;
  std::vector<Matrix<float>> states_bar_;  // T of 2 x B
  SolveReport solve_;
  Scores scores_;
  std::int64_t tested_step_ = -1;
};

}  // namespace neural_ode
