#include "playground/experiments/filter/picture.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::filter {

namespace {

constexpr int points = 24;  // of a piece between two observations
constexpr int fine = 240;   // of a preview
constexpr double smallest_error = 1e-6;
// The baseline, apart from the truth and the model in every picture; and what is seen, in ink.
constexpr int recurrent_series = 3, observed_series = 6;

Layer error_layer(const std::vector<double>& x, const std::vector<double>& y, Role role,
                  std::string label) {
  Curve curve;
  for (std::size_t i = 0; i < x.size(); ++i) curve.append(x[i], std::max(y[i], smallest_error));
  return make_layer(std::move(curve), role, std::move(label));
}

// Widens an axis to the curves on it.
void fit(Axis& axis, const std::vector<Layer>& layers) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Layer& layer : layers) {
    for (const float value : std::get<Curve>(layer.shape).y) {
      low = std::min(low, static_cast<double>(value));
      high = std::max(high, static_cast<double>(value));
    }
  }
  if (!(high > 0)) return;
  axis.minimum = low / 1.3;
  axis.maximum = std::max(high * 1.3, axis.minimum * 3);
}

// One path a gap, of a trace of one series.
Paths pieces(const Matrix<double>& times, const Matrix<float>& trace) {
  Paths paths;
  for (Index c = 0; c < trace.cols(); ++c) {
    const Index i = c / points, k = c % points;
    if (k == 0) paths.begin();
    const double share = static_cast<double>(k) / (points - 1);
    paths.append((1 - share) * times(i, 0) + share * times(i + 1, 0),
                 static_cast<double>(trace(0, c)));
  }
  return paths;
}

Plot series_plot(const Run& run, const Vector<float>& theta) {
  Plot plot;
  plot.id = "series";
  plot.title = "Every observation is a jump";
  plot.caption =
      "dots: what is observed of a series never seen in training; lines: what is "
      "expected from the dots before; dashed: the jumps";
  plot.x = {"t", 0, run.options.duration};
  plot.y = {"x", -1.6, 1.6};
  plot.t_begin = 0;
  plot.t_end = plot.x.maximum;
  const Matrix<double>& times = run.shown.times;
  const Matrix<float> recurrent =
      run.recurrent->trace(run.recurrent_theta(theta), run.shown, points);
  plot.layers.push_back(make_layer(pieces(times, recurrent), Role::neutral, "recurrent"));
  plot.layers.back().series = recurrent_series;
  const Matrix<float> trace = run.jump->trace(run.jump_theta(theta), run.shown, points);
  if (trace.allFinite()) {
    plot.layers.push_back(make_layer(pieces(times, trace), Role::model, "jump ODE"));
    Paths jumps;
    for (Index i = 1; i * points < trace.cols(); ++i) {
      jumps.begin();
      jumps.append(times(i, 0), static_cast<double>(trace(0, i * points - 1)));
      jumps.append(times(i, 0), static_cast<double>(trace(0, i * points)));
    }
    plot.layers.push_back(make_layer(std::move(jumps), Role::model, "jumps"));
    plot.layers.back().dashed = true;
  }
  // The scrubber leads along it.
  Paths exact;
  exact.begin();
  for (std::size_t i = 0; i < run.test.fine_times.size(); ++i) {
    exact.append(run.test.fine_times[i], run.test.fine(0, static_cast<Index>(i)));
    exact.times.push_back(static_cast<float>(run.test.fine_times[i]));
  }
  Points dots;
  for (Index i = 0; i < times.rows(); ++i)
    dots.append(times(i, 0), static_cast<double>(run.shown.x(0, i)));
  plot.layers.push_back(make_layer(std::move(exact), Role::truth, "true"));
  plot.layers.back().dashed = true;
  plot.layers.push_back(make_layer(std::move(dots), Role::neutral, "observed"));
  plot.layers.back().series = observed_series;
  return plot;
}

Plot gap_plot(const Run& run) {
  Plot plot;
  plot.id = "gaps";
  plot.title = "The longer the wait, the harder";
  plot.caption = "mean squared error of the next value against the length of the gap before it";
  plot.x = {"gap", 0, 1};
  plot.y = {"error", 1e-4, 1, true};
  if (run.gap.empty()) return plot;
  plot.x.maximum = 1.05 * run.gap.back();
  plot.layers.push_back(error_layer(run.gap, run.gap_error[2], Role::neutral, "last value"));
  plot.layers.push_back(error_layer(run.gap, run.gap_error[1], Role::neutral, "recurrent"));
  plot.layers.back().series = recurrent_series;
  plot.layers.push_back(error_layer(run.gap, run.gap_error[0], Role::model, "jump ODE"));
  fit(plot.y, plot.layers);
  return plot;
}

Plot errors_plot(const Run& run, const Trainee& trainee) {
  Plot plot = loss_plot(trainee);
  plot.caption = "mean squared error of the next value; train: the noisy one, test: the true one";
  Layer recurrent = curve_layer(trainee.curve(recurrent_curve), Role::neutral, "recurrent, test");
  recurrent.series = recurrent_series;
  plot.layers.push_back(std::move(recurrent));
  Layer last = error_layer({0, plot.x.maximum}, {run.scores.last, run.scores.last}, Role::neutral,
                           "last value");
  last.dashed = true;
  plot.layers.push_back(std::move(last));
  fit(plot.y, plot.layers);
  return plot;
}

std::string describe(const Run& run, const Trainee& trainee) {
  return "A wave observed at " + std::to_string(run.options.observations) +
         " irregular times, and what a jump ODE expects between them, " +
         std::to_string(trainee.step()) +
         " steps into training; its mean squared error one observation ahead is " +
         std::to_string(run.scores.jump) + ", that of a recurrent network " +
         std::to_string(run.scores.recurrent) + ", that of the last value " +
         std::to_string(run.scores.last) + ".";
}

}  // namespace

Frame picture(const Run& run, const Trainee& trainee) {
  Frame frame;
  frame.step = trainee.step();
  frame.description = describe(run, trainee);
  frame.plots.push_back(series_plot(run, trainee.theta()));
  frame.plots.push_back(gap_plot(run));
  frame.plots.push_back(errors_plot(run, trainee));
  frame.metrics = {
      number_metric("test_loss", "jump ODE", run.scores.jump, true),
      number_metric("recurrent_loss", "recurrent", run.scores.recurrent, true),
      number_metric("last_value_loss", "last value", run.scores.last, true),
      number_metric("loss", "loss", trainee.loss(), false),
      count_metric("nfe_forward", "evaluations forward", run.nfe_forward),
      count_metric("nfe_backward", "evaluations backward", run.nfe_backward),
      {"state_bytes", "held for the gradient", static_cast<double>(run.jump->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(run.recurrent_offset)),
      count_metric("recurrent_parameters", "of the recurrent network",
                   static_cast<double>(run.recurrent->layout().size())),
  };
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice) {
  Plot plot;
  plot.id = std::string(choice);
  const SeriesFamily* family = find_series_family(choice);
  if (parameter != "data" || family == nullptr) return plot;
  std::vector<double> times;
  for (int i = 0; i < fine; ++i) times.push_back(6.0 * i / (fine - 1));
  Rng rng(3);
  const SeriesSet one = family->make(times, 1, true, rng);
  Paths path;
  path.begin();
  for (int i = 0; i < fine; ++i)
    path.append(times[static_cast<std::size_t>(i)], one.exact[0](0, i));
  plot.x = {"", -0.2, 6.2};
  plot.y = {"", -1.4, 1.4};
  plot.layers.push_back(make_layer(std::move(path), Role::accent));
  return plot;
}

}  // namespace neural_ode::filter
