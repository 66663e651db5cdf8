// One run of `dynamics`: what it holds, what may be set (dynamics_table.cpp), what it does
// (dynamics.cpp), how that is judged (dynamics_test.cpp) and shown (dynamics_picture.cpp,
// dynamics_phase.cpp).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/windows.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mlp_field.h"
#include "engine/train/multiple_shooting.h"
#include "playground/contract/experiment.h"
#include "playground/experiments/dynamics/data.h"
#include "playground/experiments/dynamics/experiment.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/picture/plots.h"
#include "playground/training/trainee.h"

namespace neural_ode {

class Dynamics final : public Experiment {
 public:
  static constexpr char name[] = "dynamics";
  static constexpr std::int64_t default_steps = 1000;

  const ExperimentInfo& info() const override { return dynamics_info(); }
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
  int draw_length();
  // The batch of a step and, from its solution, the loss and its gradient.
  void choose_windows();
  void choose_segments();
  double pull_loss();
  // The trained initial states, D x segments, and their cotangents; none unless they are trained.
  bool trains_starts() const { return !segments_.empty(); }
  Eigen::Map<const Matrix<float>> starts() const;
  Eigen::Map<Matrix<float>> starts_bar();

  // Solutions of the learnt field from the start of every motion, at times (T x B).
  const std::vector<Matrix<float>>& learnt(const Matrix<double>& times);
  const std::vector<Matrix<float>>& learnt(const std::vector<Trajectory>& motions);
  void test();
  double test_windows();
  double held_back_error();
  void record_test();
  double matrix_error() const;

  Frame picture();
  Plot drawn_plot() const;
  Plot phase_plot(const Layer& learnt);
  Plot position_plot(const Layer& learnt);
  void add_true_paths(Plot& plot) const;
  void add_observations(Plot& plot) const;
  Plot time_plot(const Layer& learnt) const;
  Layer model_arrows(const Plot& plot);
  // Values at equal times from t_begin_ to t_end_; of a position alone, its rate as y.
  Layer learnt_paths();
  Matrix<double> shown_values() const;  // 2 x N, complete observations
  View view(double margin) const;       // of them; what cannot be negative begins at 0
  std::string describe() const;

  struct Scores {
    double test_loss = unknown, trajectory_mse = unknown, extrapolation_mse = unknown;
  };

  Settings settings_;
  OwnTrajectories own_;
  ObservedMotions data_;
  std::vector<WindowRange> train_ranges_, test_ranges_;
  std::vector<Segment> segments_;  // none: initial states are observed
  double t_begin_ = 0, t_train_ = 0, t_end_ = 0;
  int window_ = 0, test_window_ = 0;
  bool takes_time_ = false;
  Index dim_ = 2;                           // D: of the state, what nobody observes included
  std::unique_ptr<MlpField<float>> field_;  // null: the last reset failed
  std::unique_ptr<Gradient<float>> gradient_;
  std::unique_ptr<Solver<float>> solver_;
  Trainee trainee_;
  WindowBatch windows_, held_out_;
  std::vector<int> chosen_;                // segments of the batch
  Matrix<float> y0_;                       // D x B
  std::vector<Matrix<float>> states_bar_;  // T of D x B
  SolveReport solve_;
  Scores scores_;
  std::int64_t tested_step_ = -1;
};

}  // namespace neural_ode
