// What `dynamics` shows: the motions in time and the numbers. The phase portrait is in phase.cpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/hare_lynx.h"
#include "playground/experiments/dynamics/picture.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::dynamics {

namespace {

constexpr int path_vertices = 201;

// What the picker shows of a choice.
std::vector<Trajectory> sample(const KnownData& known) {
  if (known.system.empty()) return {hare_lynx()};
  Rng rng(0, Trainee::data_stream);
  if (known.observed > 1) {
    return make_trajectories(known.system, 3, 100, known.t_end, 0, rng).exact;
  }
  // The position in time, about as wide as high.
  Trajectory position = make_trajectories(known.system, 1, 100, known.t_end, 0, rng).exact[0];
  for (Index i = 0; i < position.y.cols(); ++i) {
    position.y(1, i) = position.y(0, i);
    position.y(0, i) = 1.5 * position.times[static_cast<std::size_t>(i)] / known.t_end;
  }
  return {position};
}

// Values at equal times from t_begin to t_end; of a position alone, its rate as y.
Paths learnt_paths(const Run& run, const Vector<float>& theta) {
  const auto count = static_cast<Index>(run.data.observed.size());
  Matrix<double> times(path_vertices, count);
  Paths paths;
  paths.smooth = true;
  for (int i = 0; i < path_vertices; ++i) {
    const double since = (run.t_end - run.t_begin) * i / (path_vertices - 1);
    paths.times.push_back(static_cast<float>(run.data.time(run.t_begin + since)));
    for (Index k = 0; k < count; ++k) {
      times(i, k) = run.data.observed[static_cast<std::size_t>(k)].times.front() + since;
    }
  }
  const auto& states = learnt(run, theta, times);
  // Of a position alone the second coordinate shown is its rate.
  std::vector<Matrix<float>> rates;
  if (run.data.dim == 1) {
    for (int i = 0; i < path_vertices; ++i) {
      rates.emplace_back(run.dim, count);
      run.field->eval(times.row(i).transpose(), states[static_cast<std::size_t>(i)], rates.back());
    }
  }
  for (Index k = 0; k < count; ++k) {
    paths.begin();
    // A motion that ran away stays where it was last seen: paths that share times have equal
    // length.
    const auto& first = run.data.observed[static_cast<std::size_t>(k)].y;
    double x = run.data.value(0, first(0, 0)),
           y = run.data.dim > 1 ? run.data.value(1, first(1, 0)) : 0;
    for (std::size_t i = 0; i < states.size(); ++i) {
      const auto state = states[i].col(k);
      const double next_x = run.data.value(0, static_cast<double>(state[0]));
      const double next_y = run.data.dim > 1 ? run.data.value(1, static_cast<double>(state[1]))
                                             : static_cast<double>(rates[i](0, k));
      if (std::isfinite(static_cast<float>(next_x)) && std::isfinite(static_cast<float>(next_y))) {
        x = next_x;
        y = next_y;
      }
      paths.append(x, y);
    }
  }
  return paths;
}

Plot time_plot(const Run& run, const Paths& learnt) {
  const auto rows = static_cast<std::size_t>(run.data.dim);
  const Trajectory& observed = run.data.observed.front();
  Plot plot;
  plot.id = "time";
  plot.title = "In time";
  plot.caption =
      "x(t) and y(t) of the first motion: observed (dots), learnt (lines), extrapolated "
      "(dashed)";
  if (rows == 1) {
    plot.caption =
        "the position of the first motion: observed (dots), learnt (line), "
        "extrapolated (dashed)";
  }
  std::array<std::string, 2> labels = {"x(t)", "y(t)"};
  if (run.options.data == "own") labels = run.data.names;
  if (!run.data.logarithm_of.empty()) {
    labels = run.data.names;
    plot.y.label = "thousands of pelts";
    plot.caption =
        "thousands of pelts a year: observed (dots), learnt (lines), extrapolated "
        "(dashed)";
  }
  plot.x = {run.data.time_label, run.data.time(run.t_begin), run.data.time(run.t_end)};
  const View box = view_of_observed(run.data, 1.1);
  plot.y.minimum = std::min(box.centre_x, box.centre_y) - box.half;
  plot.y.maximum = std::max(box.centre_x, box.centre_y) + box.half;

  const double start = observed.times.front();
  const double end_shown = observed.times[static_cast<std::size_t>(run.data.shown.front()) - 1];
  const std::array roles = {Role::class_a, Role::class_b};
  for (std::size_t d = 0; d < rows; ++d) {
    const auto row = static_cast<Index>(d);
    Points dots;
    for (std::size_t i = 0; i < observed.times.size(); ++i) {
      const double y = observed.y(row, static_cast<Index>(i));
      if (!std::isnan(y)) dots.append(run.data.time(observed.times[i]), run.data.value(row, y));
    }
    Curve shown, beyond;
    const auto& values = d == 0 ? learnt.x : learnt.y;
    for (std::size_t i = 0; i < static_cast<std::size_t>(path_vertices); ++i) {
      const double t =
          start + (run.t_end - run.t_begin) * static_cast<double>(i) / (path_vertices - 1);
      if (t > observed.times.back() + 1e-6) break;
      const auto value = static_cast<double>(values[i]);
      (t <= end_shown ? shown : beyond).append(run.data.time(t), value);
      if (t <= end_shown) {  // the dashed part begins at the last point of the other
        beyond.x.assign(1, static_cast<float>(run.data.time(t)));
        beyond.y.assign(1, values[i]);
      }
    }
    plot.layers.push_back(make_layer(std::move(dots), roles[d]));
    plot.layers.back().faint = true;
    plot.layers.push_back(make_layer(std::move(shown), roles[d], labels[d]));
    plot.layers.push_back(make_layer(std::move(beyond), roles[d]));
    plot.layers.back().dashed = true;
  }
  return plot;
}

std::string describe(const Run& run, const Trainee& trainee) {
  if (!run.field) return "Your own curves; there is too little of them to train on.";
  std::string text = "The plane with " + std::to_string(run.data.observed.size()) +
                     " observed motions (" + run.options.data +
                     "), the learnt vector field as arrows and the motions it predicts, " +
                     std::to_string(trainee.step()) + " steps into training.";
  if (run.data.dim == 1) {
    text = "Position and velocity of " + std::to_string(run.data.observed.size()) +
           " motions of which the position alone is observed, and the learnt motions, " +
           std::to_string(trainee.step()) + " steps into training.";
  }
  if (!run.data.exact.empty()) text += " The true field and motions are drawn underneath.";
  return text;
}

}  // namespace

Frame picture(const Run& run, const OwnTrajectories& own, const Trainee& trainee,
              const SolveReport& solve) {
  Frame frame;
  frame.step = run.field ? trainee.step() : 0;
  frame.description = describe(run, trainee);
  if (!run.field) {
    frame.plots.push_back(drawn_plot(own));
    return frame;
  }
  const Vector<float>& theta = trainee.theta();
  const Paths paths = learnt_paths(run, theta);
  frame.plots.push_back(phase_plot(run, theta, paths));
  frame.plots.push_back(loss_plot(trainee));
  frame.plots.push_back(time_plot(run, paths));
  const bool measured = run.data.exact.empty();
  frame.metrics = {
      number_metric("trajectory_mse", "trajectory error", run.scores.trajectory_mse, true),
      number_metric("loss", "loss", trainee.loss(), true),
      number_metric("test_loss", "test loss", run.scores.test_loss, true),
      number_metric("extrapolation_mse", "extrapolation error", run.scores.extrapolation_mse,
                    measured),
      number_metric("mean_forecast_mse", "error of forecasting the mean",
                    run.data.mean_forecast_error(), false),
      count_metric("nfe_forward", "evaluations forward", solve.nfe()),
      count_metric("nfe_backward", "evaluations backward", run.gradient->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(run.gradient->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(theta.size())),
  };
  if (const double error = matrix_error(run, theta); std::isfinite(error)) {
    frame.metrics.insert(frame.metrics.begin() + 1,
                         number_metric("matrix_error", "largest matrix error", error, true));
  }
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice, const OwnTrajectories& own) {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  const KnownData* known = find_known_data(choice);
  show_preview(plot, known ? sample(*known) : own.trajectories());
  return plot;
}

}  // namespace neural_ode::dynamics
