// One run of `physics`: what it holds, what it does (physics.cpp) and what it shows
// (physics_picture.cpp).
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
#include "engine/models/mechanical_model.h"
#include "playground/contract/no_own_data.h"
#include "playground/experiments/physics/experiment.h"
#include "playground/training/trainee.h"

namespace neural_ode {

class Physics final : public WithoutOwnData {
 public:
  const ExperimentInfo& info() const override { return physics_info(); }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  void observe(std::uint64_t seed);
  void test();
  double test_windows();
  // Solves the learnt law from the start of every motion over the long span, into learnt_.
  void follow_motions();
  Plot phase_plot();
  Plot energy_plot() const;
  Plot time_plot() const;
  Layer observations() const;
  Layer motion_paths(const std::vector<Trajectory>& motions, Index vertices) const;
  std::string describe() const;

  struct Scores {
    double test_loss = unknown, energy_drift = unknown, energy_error = unknown;
    double trajectory_mse = unknown, extrapolation_mse = unknown;
  };

  Settings settings_;
  const MechanicalSystem* system_ = nullptr;
  std::vector<Trajectory> observed_;        // over the training span, with noise
  std::vector<Trajectory> truth_, learnt_;  // over the long span, at the same times
  int shown_ = 0;                           // times of these that lie in the training span
  std::vector<std::size_t> pictured_;       // some motions, from the lowest to the highest energy
  std::vector<WindowRange> ranges_, test_ranges_;
  std::vector<Trajectory> unseen_;  // other motions, without noise
  int window_ = 0;
  MechanicalModel<float> model_;  // field null: the last reset failed
  std::unique_ptr<Gradient<float>> gradient_;
  std::unique_ptr<Solver<float>> solver_, long_solver_;
  Trainee trainee_;
  WindowBatch windows_, held_out_;
  std::vector<Matrix<float>> states_bar_;  // T of D x B
  SolveReport solve_;
  Scores scores_;
  std::int64_t tested_step_ = -1;
};

}  // namespace neural_ode
