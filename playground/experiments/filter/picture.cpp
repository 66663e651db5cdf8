// What `filter` shows: a series with the predictions that break where an observation comes, the
// errors by gap and in the course of training, and the numbers.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/experiments/filter/run.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode {

namespace {

constexpr int points = 24;  // of a piece between two observations
constexpr int fine = 240;   // of a preview
constexpr double smallest_error = 1e-6;
// The baseline, apart from the truth and the model in every picture; and what is seen, in ink.
constexpr int recurrent_series = 3, observed_series = 6;

Layer layer_of(LayerKind kind, Role role, std::string label) {
  Layer layer;
  layer.kind = kind;
  layer.role = role;
  layer.label = std::move(label);
  return layer;
}

Layer curve_of(const std::vector<double>& x, const std::vector<double>& y, Role role,
               std::string label) {
  Layer layer = layer_of(LayerKind::curve, role, std::move(label));
  for (std::size_t i = 0; i < x.size(); ++i)
    append_vertex(layer, x[i], std::max(y[i], smallest_error));
  return layer;
}

// Widens an axis to the curves on it.
void fit(Axis& axis, const std::vector<Layer>& layers) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Layer& layer : layers) {
    for (const float value : layer.y) {
      low = std::min(low, static_cast<double>(value));
      high = std::max(high, static_cast<double>(value));
    }
  }
  if (!(high > 0)) return;
  axis.minimum = low / 1.3;
  axis.maximum = std::max(high * 1.3, axis.minimum * 3);
}

// One path a gap, of a trace of one series.
Layer pieces(const Matrix<double>& times, const Matrix<float>& trace, Role role,
             std::string label) {
  Layer layer = layer_of(LayerKind::paths, role, std::move(label));
  for (Index c = 0; c < trace.cols(); ++c) {
    const Index i = c / points, k = c % points;
    if (k == 0) layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
    const double share = static_cast<double>(k) / (points - 1);
    append_vertex(layer, (1 - share) * times(i, 0) + share * times(i + 1, 0),
                  static_cast<double>(trace(0, c)));
  }
  return layer;
}

}  // namespace

Plot FilterExperiment::series_plot() {
  Plot plot;
  plot.id = "series";
  plot.title = "Every observation is a jump";
  plot.caption =
      "dots: what is observed of a series never seen in training; lines: what is "
      "expected from the dots before; dashed: the jumps";
  plot.x = {"t", 0, settings_.number("duration")};
  plot.y = {"x", -1.6, 1.6};
  plot.t_begin = 0;
  plot.t_end = plot.x.maximum;
  const Matrix<double>& times = shown_.seen.times;
  const Matrix<float> recurrent = recurrent_->trace(recurrent_theta(), shown_.seen, points);
  Layer baseline = pieces(times, recurrent, Role::neutral, "recurrent");
  baseline.series = recurrent_series;
  plot.layers.push_back(std::move(baseline));
  const Matrix<float> trace = jump_->trace(jump_theta(), shown_.seen, points);
  if (trace.allFinite()) {
    plot.layers.push_back(pieces(times, trace, Role::model, "jump ODE"));
    Layer jumps = layer_of(LayerKind::paths, Role::model, "jumps");
    jumps.dashed = true;
    for (Index i = 1; i * points < trace.cols(); ++i) {
      jumps.starts.push_back(static_cast<std::uint32_t>(jumps.x.size()));
      append_vertex(jumps, times(i, 0), static_cast<double>(trace(0, i * points - 1)));
      append_vertex(jumps, times(i, 0), static_cast<double>(trace(0, i * points)));
    }
    plot.layers.push_back(std::move(jumps));
  }
  // The scrubber leads along it.
  Layer exact = layer_of(LayerKind::paths, Role::truth, "true");
  exact.dashed = true;
  exact.starts.push_back(0);
  for (std::size_t i = 0; i < test_.fine_times.size(); ++i) {
    append_vertex(exact, test_.fine_times[i], test_.fine(0, static_cast<Index>(i)));
    exact.times.push_back(static_cast<float>(test_.fine_times[i]));
  }
  Layer dots = layer_of(LayerKind::points, Role::neutral, "observed");
  dots.series = observed_series;
  for (Index i = 0; i < times.rows(); ++i)
    append_vertex(dots, times(i, 0), static_cast<double>(shown_.seen.x(0, i)));
  plot.layers.push_back(std::move(exact));
  plot.layers.push_back(std::move(dots));
  return plot;
}

Plot FilterExperiment::gap_plot() const {
  Plot plot;
  plot.id = "gaps";
  plot.title = "The longer the wait, the harder";
  plot.caption = "mean squared error of the next value against the length of the gap before it";
  plot.x = {"gap", 0, 1};
  plot.y = {"error", 1e-4, 1, true};
  if (gap_.empty()) return plot;
  plot.x.maximum = 1.05 * gap_.back();
  plot.layers.push_back(curve_of(gap_, gap_error_[2], Role::neutral, "last value"));
  plot.layers.push_back(curve_of(gap_, gap_error_[1], Role::neutral, "recurrent"));
  plot.layers.back().series = recurrent_series;
  plot.layers.push_back(curve_of(gap_, gap_error_[0], Role::model, "jump ODE"));
  fit(plot.y, plot.layers);
  return plot;
}

Plot FilterExperiment::errors_plot() const {
  Plot plot = loss_plot(trainee_);
  plot.caption = "mean squared error of the next value; train: the noisy one, test: the true one";
  Layer recurrent = layer_of(LayerKind::curve, Role::neutral, "recurrent, test");
  recurrent.series = recurrent_series;
  recurrent.x = trainee_.curve("recurrent").steps();
  recurrent.y = trainee_.curve("recurrent").values();
  plot.layers.push_back(std::move(recurrent));
  Layer last =
      curve_of({0, plot.x.maximum}, {scores_.last, scores_.last}, Role::neutral, "last value");
  last.dashed = true;
  plot.layers.push_back(std::move(last));
  fit(plot.y, plot.layers);
  return plot;
}

std::string FilterExperiment::describe() const {
  return "A wave observed at " + std::to_string(settings_.integer("observations")) +
         " irregular times, and what a jump ODE expects between them, " +
         std::to_string(trainee_.step()) +
         " steps into training; its mean squared error one observation ahead is " +
         std::to_string(scores_.jump) + ", that of a recurrent network " +
         std::to_string(scores_.recurrent) + ", that of the last value " +
         std::to_string(scores_.last) + ".";
}

Frame FilterExperiment::frame() {
  Frame frame;
  if (!jump_) return frame;
  frame.step = trainee_.step();
  if (tested_step_ != trainee_.step()) test();
  frame.description = describe();
  frame.plots.push_back(series_plot());
  frame.plots.push_back(gap_plot());
  frame.plots.push_back(errors_plot());
  frame.metrics = {
      number_metric("test_loss", "jump ODE", scores_.jump, true),
      number_metric("recurrent_loss", "recurrent", scores_.recurrent, true),
      number_metric("last_value_loss", "last value", scores_.last, true),
      number_metric("loss", "loss", trainee_.loss(), false),
      count_metric("nfe_forward", "evaluations forward", nfe_forward_),
      count_metric("nfe_backward", "evaluations backward", nfe_backward_),
      {"state_bytes", "held for the gradient", static_cast<double>(jump_->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(recurrent_offset_)),
      count_metric("recurrent_parameters", "of the recurrent network",
                   static_cast<double>(recurrent_->layout().size())),
  };
  return frame;
}

Plot FilterExperiment::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  const SeriesFamily* family = find_series_family(choice);
  if (parameter != "data" || family == nullptr) return plot;
  std::vector<double> times;
  for (int i = 0; i < fine; ++i) times.push_back(6.0 * i / (fine - 1));
  Rng rng(3);
  const SeriesSet one = family->make(times, 1, true, rng);
  Layer path = layer_of(LayerKind::paths, Role::accent, "");
  path.starts.push_back(0);
  for (int i = 0; i < fine; ++i)
    append_vertex(path, times[static_cast<std::size_t>(i)], one.exact[0](0, i));
  plot.x = {"", -0.2, 6.2};
  plot.y = {"", -1.4, 1.4};
  plot.layers.push_back(std::move(path));
  return plot;
}

}  // namespace neural_ode
