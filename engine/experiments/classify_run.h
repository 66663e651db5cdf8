// One run of `classify`: what it holds, what it does (classify.cpp), the picture
// (classify_picture.cpp) and the plots of single things in it (classify_plots.cpp).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/experiments/classify.h"
#include "engine/experiments/own_points.h"
#include "engine/experiments/plots.h"
#include "engine/experiments/trainee.h"
#include "engine/models/classifier.h"

namespace neural_ode {

// Samples on their way through a flow or residual blocks.
struct FlowTraces {
  std::vector<float> times;
  std::vector<Matrix<float>> states;  // at these times, of D x B; finite
  std::vector<std::uint32_t> group;   // the class of each sample
  bool smooth = false;                // a curve through the states, not a polygon
};

// where: 2 x B for each time, or 3 x B in space: where the samples are in the picture then.
Layer paths_through(const FlowTraces& traces, const std::vector<Matrix<double>>& where);
void append_line(Layer& layer, double x0, double y0, double x1, double y1);

class Classify final : public Experiment {
 public:
  const ExperimentInfo& info() const override { return classify_info(); }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Frame sketch() override;
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  Status set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  using Model = Classifier<float>;
  static constexpr char largest_nfe_curve[] = "largest_nfe", mean_nfe_curve[] = "mean_nfe";
  static constexpr double view_margin = 2.1;  // room for the paths around the data
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  // Whether the data lie on a line and the model is fitted to values.
  bool on_line() const { return settings_.choice("data") == "one_dimensional"; }
  bool is_ode() const { return settings_.choice("model") == "ode"; }
  bool is_plain() const { return settings_.choice("model") == "mlp"; }
  bool chooses_steps() const { return is_ode() && adaptive_; }
  // Data coordinates to the model's and back: own data of any size are brought to about [-1, 1]^2.
  Matrix<float> to_model(const Matrix<double>& x) const;
  void draw_batch();
  void test();

  int sketch_cells() const;
  Frame picture(int cells);
  Plot flow_plot(int cells, const FlowTraces& traces);
  Plot line_plot(const FlowTraces& traces) const;
  Plot function_plot();
  Plot lifted_plot(const FlowTraces& traces) const;
  // Where a linear read-out of three coordinates changes its mind, within the plot's box; empty:
  // nowhere, or it is no plane.
  Layer boundary_layer(const Plot& plot) const;
  Plot nfe_plot() const;
  Layer decision_layer(const Plot& plot, int cells);
  FlowTraces trace();
  std::string describe() const;

  Settings settings_;
  OwnPoints own_;
  Split data_;
  View scale_;
  Matrix<float> train_x_, test_x_;  // n x N, model coordinates
  std::unique_ptr<Model> model_;    // null: the last reset failed
  std::unique_ptr<Solver<float>> picture_solver_;
  bool adaptive_ = false;  // the model's own solver, not the picture's
  Trainee trainee_;
  Matrix<float> batch_x_;  // n x B
  std::vector<int> batch_label_;
  SolveReport solve_;
  Model::Score score_;
  std::int64_t tested_step_ = -1;
};

}  // namespace neural_ode
