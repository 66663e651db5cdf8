// One run of `events`: what it holds, what it does (events.cpp) and what it shows
// (events_picture.cpp).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/bouncing_ball.h"
#include "engine/gradient/hybrid.h"
#include "engine/models/bouncing_ball.h"
#include "playground/contract/no_own_data.h"
#include "playground/experiments/events/experiment.h"
#include "playground/training/trainee.h"

namespace neural_ode {

class EventsExperiment final : public WithoutOwnData {
 public:
  const ExperimentInfo& info() const override { return events_info(); }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  void observe(std::uint64_t seed);
  Index observed_rows() const;  // times that count at this step of the curriculum
  void test();
  void record_scores();
  void follow_balls();
  Plot height_plot() const;
  Plot recovery_plot() const;
  Plot phase_plot() const;
  std::string describe() const;

  struct Scores {
    double test_loss = unknown, extrapolation_mse = unknown;
    double gravity = unknown, restitution = unknown, floor = unknown;
  };

  Settings settings_;
  BouncingBall truth_;
  Matrix<double> start_;               // 2 x B, exact
  Matrix<double> times_, heights_;     // T x 1; T x B, with noise
  Matrix<double> long_times_;          // of the picture: the observed span and what comes after it
  std::vector<Matrix<double>> exact_;  // 2 x B at these

  std::unique_ptr<BallParameters<float>> parameters_;  // null: the last reset failed
  std::unique_ptr<BallField<float>> field_;
  std::unique_ptr<BallSurface<float>> surface_;
  std::unique_ptr<HybridSolve<float>> solve_, long_solve_;
  Trainee trainee_;
  std::vector<int> order_;  // balls of a step: the first `batch`
  Matrix<float> y0_;
  Matrix<double> step_times_, target_;
  std::vector<Matrix<float>> states_bar_;
  SolveReport report_, backward_;
  std::vector<Matrix<float>> learnt_;  // as exact_; empty: the solve failed
  Scores scores_;
  std::int64_t tested_step_ = -1;
};

}  // namespace neural_ode
