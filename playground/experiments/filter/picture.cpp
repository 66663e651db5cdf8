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
Paths pieces(const Run& run, const Matrix<float>& trace, Index d) {
  Paths paths;
  for (Index c = 0; c < trace.cols(); ++c) {
    const Index i = c / points, k = c % points;
    if (k == 0) paths.begin();
    const double share = static_cast<double>(k) / (points - 1);
    const Matrix<double>& times = run.shown.times;
    paths.append(run.time((1 - share) * times(i, 0) + share * times(i + 1, 0)),
                 run.value(d, static_cast<double>(trace(d, c))));
  }
  return paths;
}

Paths jumps(const Run& run, const Matrix<float>& trace, Index d) {
  Paths paths;
  for (Index i = 1; i * points < trace.cols(); ++i) {
    const double t = run.time(run.shown.times(i, 0));
    paths.begin();
    paths.append(t, run.value(d, static_cast<double>(trace(d, i * points - 1))));
    paths.append(t, run.value(d, static_cast<double>(trace(d, i * points))));
  }
  return paths;
}

// The scrubber leads along it: what is true, or observed.
Paths shown_series(const Run& run, Index d) {
  Paths paths;
  paths.begin();
  const auto add = [&](double t, double x) {
    paths.append(run.time(t), run.value(d, x));
    paths.times.push_back(static_cast<float>(run.time(t)));
  };
  if (run.options.family != nullptr) {
    for (std::size_t i = 0; i < run.test.fine_times.size(); ++i)
      add(run.test.fine_times[i], run.test.fine(d, static_cast<Index>(i)));
  } else {
    for (Index i = 0; i < run.shown.length(); ++i)
      add(run.shown.times(i, 0), static_cast<double>(run.shown.x(d, i)));
  }
  return paths;
}

void set_axes(const Run& run, Index d, Plot& plot) {
  if (run.options.family != nullptr) {
    plot.x = {"t", 0, run.options.duration};
    plot.y = {"x", -1.6, 1.6};
  } else {
    const auto& names = run.own.names;
    const Matrix<double>& times = run.shown.times;
    plot.x = {names[0], run.time(times(0, 0)), run.time(times(times.rows() - 1, 0))};
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Trajectory& series : run.own.series) {
      low = std::min(low, series.y.row(d).minCoeff());
      high = std::max(high, series.y.row(d).maxCoeff());
    }
    const double margin = std::max(0.15 * (high - low), 1e-3);
    plot.y = {names[static_cast<std::size_t>(d + 1)], run.value(d, low - margin),
              run.value(d, high + margin)};
  }
  plot.t_begin = plot.x.minimum;
  plot.t_end = plot.x.maximum;
}

Plot series_plot(const Run& run, const Vector<float>& theta, Index d) {
  Plot plot;
  plot.id = d == 0 ? "series" : "series_y";
  plot.title = "Every observation is a jump";
  plot.caption =
      "dots: what is observed of a series never seen in training; lines: what is "
      "expected from the dots before; dashed: the jumps";
  set_axes(run, d, plot);
  const Matrix<float> recurrent =
      run.recurrent->trace(run.recurrent_theta(theta), run.shown, points);
  plot.layers.push_back(make_layer(pieces(run, recurrent, d), Role::neutral, "recurrent"));
  plot.layers.back().series = recurrent_series;
  const Matrix<float> trace = run.jump->trace(run.jump_theta(theta), run.shown, points);
  if (trace.allFinite()) {
    plot.layers.push_back(make_layer(pieces(run, trace, d), Role::model, "jump ODE"));
    plot.layers.push_back(make_layer(jumps(run, trace, d), Role::model, "jumps"));
    plot.layers.back().dashed = true;
  }
  Points dots;
  for (Index i = 0; i < run.shown.length(); ++i)
    dots.append(run.time(run.shown.times(i, 0)),
                run.value(d, static_cast<double>(run.shown.x(d, i))));
  plot.layers.push_back(make_layer(shown_series(run, d), Role::truth,
                                   run.options.family != nullptr ? "true" : "from dot to dot"));
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
  std::vector<double> gap = run.gap;
  for (double& each : gap) each *= run.own.units.t.unit;
  plot.x.maximum = 1.05 * gap.back();
  plot.layers.push_back(error_layer(gap, run.gap_error[2], Role::neutral, "last value"));
  plot.layers.push_back(error_layer(gap, run.gap_error[1], Role::neutral, "recurrent"));
  plot.layers.back().series = recurrent_series;
  plot.layers.push_back(error_layer(gap, run.gap_error[0], Role::model, "jump ODE"));
  fit(plot.y, plot.layers);
  return plot;
}

Plot errors_plot(const Run& run, const Trainee& trainee) {
  Plot plot = loss_plot(trainee);
  plot.caption = "mean squared error of the next value; train: the noisy one, test: the true one";
  if (run.options.family == nullptr)
    plot.caption = "mean squared error of the next value, of which the largest is 1";
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
  return (run.options.family != nullptr ? "A wave observed at "
                                        : "A series of yours observed at ") +
         std::to_string(run.shown.length()) +
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
  for (Index d = 0; d < run.dim(); ++d) frame.plots.push_back(series_plot(run, trainee.theta(), d));
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

Frame empty_picture() {
  Frame frame;
  frame.description = "Your own series; there is too little of them to train on.";
  frame.plots.emplace_back();
  frame.plots[0].id = "series";
  frame.plots[0].title = "Every observation is a jump";
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice, const OwnTrajectories& own) {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  plot.x = {"", -0.2, 6.2};
  plot.y = {"", -1.4, 1.4};
  Paths path;
  if (const SeriesFamily* family = find_series_family(choice)) {
    std::vector<double> times;
    for (int i = 0; i < fine; ++i) times.push_back(6.0 * i / (fine - 1));
    Rng rng(3);
    const SeriesSet one = family->make(times, 1, true, rng);
    path.begin();
    for (int i = 0; i < fine; ++i)
      path.append(times[static_cast<std::size_t>(i)], one.exact[0](0, i));
  } else if (auto cut = cut_series(own, fine)) {
    const Trajectory& first = cut.value().series.front();
    const double span = std::max(first.times.back() - first.times.front(), 1e-9);
    const Index count = first.y.cols(), stride = 1 + count / fine;
    path.begin();
    for (Index i = 0; i < count; i += stride)
      path.append(6 * (first.times[static_cast<std::size_t>(i)] - first.times.front()) / span,
                  first.y(0, i));
  }
  plot.layers.push_back(make_layer(std::move(path), Role::accent));
  return plot;
}

}  // namespace neural_ode::filter
