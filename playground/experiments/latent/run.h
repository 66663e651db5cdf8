// One run of `latent`: what it holds, what it does (latent.cpp) and what it shows
// (latent_picture.cpp, latent_codes.cpp).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/models/latent_model.h"
#include "playground/contract/experiment.h"
#include "playground/experiments/latent/data.h"
#include "playground/experiments/latent/experiment.h"
#include "playground/experiments/latent/query.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/training/trainee.h"

namespace neural_ode {

class Latent final : public Experiment {
 public:
  const ExperimentInfo& info() const override { return latent_info(); }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  // With own data, of those; else of the observations of the series in the picture, which no
  // training depends on. On the plot of codes, of the code that is decoded beside the fit.
  Status edit(const Edit& edit) override;
  Status set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  static constexpr Index posterior_samples = 24;

  double kl_weight() const;
  void test();
  // Curves through `times` of the codes (L x n): D x T n, time i of curve k in column i n + k.
  bool curves(const Matrix<float>& codes, const std::vector<double>& times, Matrix<double>& x);
  // The posterior mean of the series in the picture and `posterior_samples` draws, at times_.
  void infer();
  double nearest_time(double x, double y) const;  // of the mean curve in the plane

  // The two coordinates in which the codes of the test series differ most.
  void choose_axes();
  // Moves the code that is decoded beside the fit to (x, y) on these axes, or puts it back.
  Status edit_code(const Edit& edit);
  void add_dragged_motion(Plot& plot);

  Layer curve(Index d, Role role, std::string label) const;
  Layer band(Index d, Role role, std::string label) const;
  Layer beyond(const Plot& plot) const;
  Layer observed_in_time(Index d, Role role) const;
  void set_time_axes(Plot& plot) const;
  Plot plane_plot() const;
  Plot time_plot(bool hero) const;
  Plot latent_plot() const;
  Plot between_plot();
  Plot loss_plot() const;
  Plot empty_plot() const;
  std::string describe() const;

  struct Scores {
    double rmse = unknown, extrapolation_rmse = unknown;
    double loss = unknown, elbo = unknown, kl = unknown;
  };

  Settings settings_;
  OwnTrajectories own_;
  LatentData data_;
  std::unique_ptr<LatentModel<float>> model_;  // null: the last reset failed
  Trainee trainee_;
  LatentQuery query_;
  SolveReport solve_;
  Scores scores_;
  std::int64_t tested_step_ = -1;

  std::vector<int> series_;  // of the batch
  SeriesBatch<float> seen_, target_;
  Matrix<float> eps_;  // L x B
  SeriesBatch<float> test_seen_, test_target_;
  Matrix<double> truth_times_;                              // 2T x test series
  Matrix<float> test_mean_, test_log_variance_, test_eps_;  // L x test series

  std::array<Index, 2> axes_ = {0, 0};  // of the plot of codes
  Vector<float> dragged_;               // L; empty: no code was dragged

  // Of the picture.
  std::vector<double> times_;
  Matrix<double> fit_, low_, high_;  // D x times: posterior mean, and the band about it
  Matrix<double> draws_;             // D x times * posterior_samples
};

}  // namespace neural_ode
