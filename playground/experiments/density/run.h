// One run of `density`: what it holds, what it does (density.cpp) and what it shows
// (density_picture.cpp, density_heatmap.cpp).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/plane_densities.h"
#include "engine/models/density_model.h"
#include "engine/models/flow_matching.h"
#include "engine/models/planar_flow.h"
#include "playground/contract/experiment.h"
#include "playground/experiments/density/experiment.h"
#include "playground/own_data/own_points.h"
#include "playground/picture/plots.h"
#include "playground/training/trainee.h"

namespace neural_ode {

class Density final : public Experiment {
 public:
  const ExperimentInfo& info() const override { return density_info(); }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  Status set_data(std::string_view csv) override;
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  bool matches() const {
    return settings_.choice("method") == "flow_matching" ||
           settings_.choice("method") == "ot_flow_matching";
  }
  bool by_reverse_kl() const { return settings_.choice("method") == "reverse_kl"; }
  // Data, source and scale of the settings; why they cannot be learnt.
  Status take_target();
  void start_training(std::uint64_t seed);
  // Loss of the flow on a batch, and its gradient.
  SolveReport train_flow(double& loss, Vector<float>& theta_bar);
  // Parameters of the flow, and of the planar flow beside it.
  const Vector<float>& field_theta();
  VectorIn<float> planar_theta() const;
  // points: 2 x N, model coordinates.
  void draw_target(Rng& rng, MatrixOut<double> points) const;
  std::int64_t steps_between_tests() const;
  void test();
  void test_density();
  void record_scores();
  // The smallest loss there is where it is a likelihood or a divergence; NaN where unknown.
  double optimum() const;

  // Tests and solves for the picture, unless what there is is recent enough.
  void refresh();
  void trace_paths();
  void fill_heatmaps();
  View view() const;                                          // of the picture, in data coordinates
  void append_point(Layer& layer, double x, double y) const;  // of model coordinates
  Plot flow_plot();
  Plot planar_plot() const;
  Plot loss_plot() const;
  std::string describe() const;

  struct Scores {
    double loss = unknown, nll = unknown, kl = unknown, w2_squared = unknown;
    double reverse_kl = unknown, planar_nll = unknown;
    int nfe = 0;  // to draw samples
  };

  Settings settings_;
  OwnPoints own_;
  View scale_;                            // of own data: model coordinates to theirs
  const PlaneDensity* target_ = nullptr;  // null: own data
  const PlaneDensity* source_ = nullptr;
  std::unique_ptr<DensityModel<float>> model_;      // null: the last reset failed
  std::unique_ptr<FlowMatching<float>> matching_;   // null: the flow is solved in training
  std::unique_ptr<PlanarFlow<float>> planar_;       // null: no baseline
  std::unique_ptr<Solver<float>> solver_, coarse_;  // as set; for the picture
  Trainee trainee_;
  Matrix<double> test_x_, test_source_;    // 2 x N, model coordinates
  Matrix<double> batch_, batch_source_;    // 2 x B
  Matrix<float> batch_single_;             // what is solved, in the precision of training
  Vector<float> field_theta_, field_bar_;  // where there is a baseline
  SolveReport solve_;
  Scores scores_;
  std::int64_t tested_step_ = -1, shown_step_ = -1;
  Layer heatmap_, paths_, planar_heatmap_;  // of shown_step_
  double mass_ = unknown;  // integral of the density over the picture at shown_step_
};

}  // namespace neural_ode
