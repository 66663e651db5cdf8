#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "playground/experiments/density/run.h"
#include "playground/training/loss_plot.h"

namespace neural_ode {

namespace {

constexpr Index most_paths = 160;
constexpr int path_vertices = 25;
constexpr Index most_points = 400;
constexpr int preview_points = 300;
constexpr double smallest_half = 4;  // of the picture
constexpr double view_margin = 1.2;

std::string rounded(double value) {
  const long hundredths = std::lround(value * 100);
  const std::string digits = std::to_string(std::abs(hundredths) % 100);
  return (hundredths < 0 ? "-" : "") + std::to_string(std::abs(hundredths) / 100) + "." +
         (digits.size() < 2 ? "0" : "") + digits;
}

Layer curve(const CurveHistory& history, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  layer.x = history.steps();
  layer.y = history.values();
  return layer;
}

}  // namespace

View Density::view() const {
  View view;
  view.half = smallest_half;
  if (model_) {
    for (const Matrix<double>* points : {&test_x_, &test_source_}) {
      for (Index i = 0; i < points->size(); ++i)
        view.half = std::max(view.half, std::abs(points->data()[i]));
    }
  }
  view.half *= view_margin * scale_.half;
  view.centre_x = scale_.centre_x;
  view.centre_y = scale_.centre_y;
  return view;
}

void Density::append_point(Layer& layer, double x, double y) const {
  append_vertex(layer, x * scale_.half + scale_.centre_x, y * scale_.half + scale_.centre_y);
}

// A picture of the early steps is worth its time; later ones change slowly.
void Density::refresh() {
  const std::int64_t step = trainee_.step(), since = step - shown_step_;
  const bool recent = shown_step_ >= 0 && since < std::max<std::int64_t>(step / 25, 1) &&
                      (since == 0 || step % steps_between_tests() != 0);
  if (recent) return;
  shown_step_ = step;
  if (tested_step_ != step) test();
  fill_heatmaps();
  trace_paths();
}

void Density::trace_paths() {
  paths_ = {};
  paths_.kind = LayerKind::paths;
  paths_.role = Role::model;
  paths_.smooth = true;
  paths_.faint = true;
  paths_.label = "samples";
  const Index count = std::min(test_source_.cols(), most_paths);
  Matrix<double> times(path_vertices, 1);
  for (int k = 0; k < path_vertices; ++k) {
    times(k, 0) = static_cast<double>(k) / (path_vertices - 1);
    paths_.times.push_back(static_cast<float>(times(k, 0)));
  }
  const Matrix<float> z = test_source_.leftCols(count).cast<float>();
  const auto& states = model_->flow(field_theta(), z, times, *solver_);
  for (Index i = 0; i < count; ++i) {
    bool finite = true;
    for (const auto& state : states) finite = finite && state.col(i).allFinite();
    if (!finite) continue;
    paths_.starts.push_back(static_cast<std::uint32_t>(paths_.x.size()));
    for (const auto& state : states) {
      append_point(paths_, static_cast<double>(state(0, i)), static_cast<double>(state(1, i)));
    }
  }
}

Plot Density::flow_plot() {
  Plot plot;
  plot.id = "flow";
  plot.title = "A cloud flows into the shape of the data";
  plot.editable = true;
  set_axes(plot, view(), "x₁", "x₂");
  Layer data;
  data.kind = LayerKind::points;
  data.role = Role::truth;
  data.faint = true;
  data.label = "data";
  if (!model_) {
    plot.caption = "click to draw points";
    data.label = "your points";
    for (Index i = 0; i < own_.points().size(); ++i)
      append_vertex(data, own_.points().x(0, i), own_.points().x(1, i));
    plot.layers.push_back(std::move(data));
    return plot;
  }
  plot.t_begin = 0;
  plot.t_end = 1;
  plot.caption = "samples on their way from t = 0 to 1 over the density at t";
  for (Index i = 0; i < std::min(test_x_.cols(), most_points); ++i)
    append_point(data, test_x_(0, i), test_x_(1, i));
  if (!heatmap_.z.empty()) plot.layers.push_back(heatmap_);
  plot.layers.push_back(std::move(data));
  plot.layers.push_back(paths_);
  return plot;
}

Plot Density::loss_plot() const {
  if (matching_) {
    Plot plot = neural_ode::loss_plot(trainee_);
    plot.caption = "mean squared error of the field along the lines between pairs";
    return plot;
  }
  Plot plot;
  plot.id = "loss";
  const bool reverse = by_reverse_kl();
  plot.title = reverse ? "Reverse KL divergence" : "Negative log-likelihood";
  plot.caption = reverse ? "log q - log p, in nats, over samples of the flow; at best zero"
                         : "in nats; no model can be below the entropy of the data";
  plot.layers.push_back(curve(trainee_.train_curve(), Role::train, "train"));
  plot.layers.push_back(curve(trainee_.test_curve(), Role::test, "test"));
  if (planar_ && !reverse)
    plot.layers.push_back(curve(trainee_.curve("planar"), Role::class_b, "planar flow, test"));
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Layer& layer : plot.layers) {
    for (const float value : layer.y) {
      low = std::min(low, static_cast<double>(value));
      high = std::max(high, static_cast<double>(value));
    }
  }
  plot.x.label = "step";
  plot.x.maximum = static_cast<double>(std::max<std::int64_t>(trainee_.step(), 10));
  plot.y.label = "nats";
  if (std::isfinite(optimum())) {
    Layer best;
    best.kind = LayerKind::curve;
    best.role = Role::truth;
    best.dashed = true;
    best.label = reverse ? "best" : "entropy";
    best.x = {0, static_cast<float>(plot.x.maximum)};
    best.y = {static_cast<float>(optimum()), static_cast<float>(optimum())};
    plot.layers.push_back(std::move(best));
    low = std::min(low, optimum());
  }
  if (!(high >= low)) low = high = 0;
  // The first losses of an untrained flow are far off what matters later.
  constexpr double tallest = 4;
  high = std::min(high, low + tallest);
  const double margin = std::max(0.08 * (high - low), 0.05);
  plot.y.minimum = low - margin;
  plot.y.maximum = high + margin;
  return plot;
}

std::string Density::describe() const {
  if (!model_) return "Your own points; there are too few of them to learn a density from.";
  std::string text = "The density of the flow that learns " + settings_.choice("data") +
                     ", as a heat map, with data points and the paths of samples from t = 0 to 1. "
                     "After " +
                     std::to_string(trainee_.step()) + " steps ";
  if (std::isfinite(scores_.nll)) {
    text += "the negative log-likelihood of fresh data is " + rounded(scores_.nll) + " nats";
    if (std::isfinite(optimum()) && !by_reverse_kl())
      text += " (at best " + rounded(optimum()) + ")";
    text += ", ";
  }
  if (planar_) text += "that of the planar flow beside it " + rounded(scores_.planar_nll) + ", ";
  return text + "the squared distance W2 between samples and data is " +
         (std::isfinite(scores_.w2_squared) ? rounded(scores_.w2_squared) : "not known") + ".";
}

Frame Density::frame() {
  Frame frame;
  if (!model_) {
    frame.plots.push_back(flow_plot());
    frame.description = describe();
    return frame;
  }
  refresh();
  frame.step = trainee_.step();
  frame.plots.push_back(flow_plot());
  if (planar_) frame.plots.push_back(planar_plot());
  frame.plots.push_back(loss_plot());
  const bool solves = matching_ == nullptr;
  frame.metrics = {
      number_metric("test_nll", "test NLL", scores_.nll, true),
      number_metric("w2_squared", "W₂²", scores_.w2_squared, true),
      number_metric("loss", "loss", trainee_.loss(), true),
      number_metric("test_loss", "test loss", scores_.loss, false),
      number_metric("kl", "excess over entropy", scores_.kl, false),
      number_metric("mass", "integral of density", mass_, false),
      count_metric("nfe_forward", "evaluations forward", solves ? solve_.nfe() : 1),
      count_metric("nfe_backward", "evaluations backward",
                   solves ? model_->gradient().nfe_backward() : 0),
      count_metric("nfe_sampling", "evaluations to sample", scores_.nfe),
      {"state_bytes", "held for the gradient",
       solves ? static_cast<double>(model_->gradient().state_bytes()) : 0.0, Metric::Format::bytes,
       false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
  };
  if (by_reverse_kl())
    frame.metrics.push_back(number_metric("reverse_kl", "reverse KL", scores_.reverse_kl, true));
  if (planar_)
    frame.metrics.push_back(number_metric("planar_nll", "planar NLL", scores_.planar_nll, true));
  frame.description = describe();
  return frame;
}

Plot Density::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  Matrix<double> points = own_.points().x;
  if (const PlaneDensity* density = find_plane_density(choice)) {
    Rng rng(0, Trainee::data_stream);
    points = draw_points(*density, preview_points, 0, rng);
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  Layer layer;
  layer.kind = LayerKind::points;
  layer.role = Role::truth;
  for (Index i = 0; i < points.cols(); ++i) append_vertex(layer, points(0, i), points(1, i));
  plot.layers.push_back(std::move(layer));
  return plot;
}

}  // namespace neural_ode
