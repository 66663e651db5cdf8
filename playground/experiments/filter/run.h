// One run of `filter`: what it holds, what it does (filter.cpp) and what it shows
// (filter_picture.cpp).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/series.h"
#include "engine/models/series_filter.h"
#include "playground/contract/no_own_data.h"
#include "playground/experiments/filter/experiment.h"
#include "playground/training/trainee.h"

namespace neural_ode {

class FilterExperiment final : public WithoutOwnData {
 public:
  const ExperimentInfo& info() const override { return filter_info(); }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  // Series at times of their own, and what is observed of them.
  struct Series {
    SeriesBatch<float> seen;
    Matrix<float> exact;             // D x T B, as seen.x
    std::vector<double> fine_times;  // at these the first series is wanted too
    Matrix<double> fine;             // D x fine_times
  };
  void draw(Rng& rng, Index count, Series& series);
  // Mean squared error of predictions of all observations but the first; writes its cotangent.
  double loss(const Matrix<float>& prediction, const Matrix<float>& target);
  VectorIn<float> jump_theta() const { return trainee_.theta().head(recurrent_offset_); }
  VectorIn<float> recurrent_theta() const {
    return trainee_.theta().tail(recurrent_->layout().size());
  }
  void test();
  void record_scores();
  void sort_by_gap();
  Plot series_plot();
  Plot gap_plot() const;
  Plot errors_plot() const;
  std::string describe() const;

  // Mean squared errors against the exact values of the test's series, all observations but the
  // first of each.
  struct Scores {
    double jump = unknown, recurrent = unknown, last = unknown;
  };

  Settings settings_;
  const SeriesFamily* family_ = nullptr;
  std::unique_ptr<SeriesFilter<float>> jump_, recurrent_;  // null: the last reset failed
  Index recurrent_offset_ = 0;                             // of its parameters in theta
  Trainee trainee_;
  Series batch_, test_, shown_;
  Matrix<float> bar_;
  SolveReport report_;
  int nfe_forward_ = 0, nfe_backward_ = 0;
  Scores scores_;
  // Of gaps by length, as many each: their mean length and errors of jump, recurrent, last value.
  std::vector<double> gap_;
  std::vector<double> gap_error_[3];
  std::int64_t tested_step_ = -1;
};

}  // namespace neural_ode
