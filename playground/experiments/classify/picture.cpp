// The picture of `classify`: the flow over the prediction, what goes beside it, and the numbers.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "engine/core/number_text.h"
#include "playground/experiments/classify/picture.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::classify {

namespace {

constexpr int heatmap_cells = 64, fewest_sketch_cells = 24;
// What the background of a sketch may cost, in multiplications; an evaluation of the field at a
// point costs one for each parameter and about as much as `evaluation_work` of them besides.
constexpr double sketch_work = 1e8, evaluation_work = 1500;
constexpr Index most_paths = 80;
constexpr int path_vertices = 41;
constexpr double coarsest_smooth_step = 0.2;
constexpr int preview_points = 120;

// Cells a side of the background while training goes on: a wide net gets fewer of them.
int sketch_cells(const Run& run, const Vector<float>& theta) {
  const SolverOptions& options = run.picture_solver->options();
  const double evaluations = options.method->stages * std::ceil(1 / options.step_size);
  const auto parameters = static_cast<double>(theta.size());
  double work = evaluations * (parameters + evaluation_work);
  // Each parameter of what is not a flow is used once.
  if (!run.options.is_ode())
    work =
        parameters + (run.options.is_plain() ? 1 : Run::Model::residual_blocks) * evaluation_work;
  return std::clamp(static_cast<int>(std::sqrt(sketch_work / work)), fewest_sketch_cells,
                    heatmap_cells);
}

Layer decision_layer(const Run& run, const Vector<float>& theta, const Plot& plot, int cells) {
  Heatmap logits;
  logits.diverging = true;
  logits.nx = logits.ny = cells;
  logits.x_range = interval_of(plot.x);
  logits.y_range = interval_of(plot.y);
  const Matrix<double> centres = cell_centres(plot, cells);
  // Logits rather than probabilities: they cross zero evenly, so that the boundary between cells is
  // where the model has it.
  constexpr double steepest = 20, sure = 4;
  logits.z_min = -sure;
  logits.z_max = sure;
  for (const double p : run.model->predict(theta, run.to_model(centres), *run.picture_solver)) {
    const double logit = std::isfinite(p) ? math::log(p / (1 - p)) : 0;
    logits.z.push_back(static_cast<float>(std::clamp(logit, -steepest, steepest)));
  }
  return make_layer(std::move(logits));
}

FlowTraces trace(const Run& run, const Vector<float>& theta) {
  const Matrix<float>& x = run.test_x.cols() > 0 ? run.test_x : run.train_x;
  const auto& labels = run.test_x.cols() > 0 ? run.data.test.label : run.data.train.label;
  const Index count = std::min(x.cols(), most_paths);
  // Evenly over the set, whatever its order.
  Matrix<float> start(x.rows(), count);
  std::vector<std::uint32_t> group;
  for (Index i = 0; i < count; ++i) {
    const Index from = i * x.cols() / count;
    start.col(i) = x.col(from);
    group.push_back(static_cast<std::uint32_t>(labels[static_cast<std::size_t>(from)]));
  }
  // The vertices of a coarse fixed-step model are its very steps; a fine one is as good as its
  // limit.
  const SolverOptions options = run.options.spec.solver;
  const bool coarse = !options.adaptive() &&
                      (options.method->order < 4 || options.step_size > coarsest_smooth_step);
  int vertices =
      coarse ? static_cast<int>(std::min(std::ceil(1 / options.step_size - 1e-9), 200.0)) + 1
             : path_vertices;
  if (!run.options.is_ode()) vertices = Run::Model::residual_blocks + 1;
  Matrix<double> times(vertices, 1);
  for (int k = 0; k < vertices; ++k) times(k, 0) = static_cast<double>(k) / (vertices - 1);

  FlowTraces traces;
  // Steps of Euler's method and of residual blocks are straight; a method of higher order stands
  // for a curve between its steps.
  traces.smooth = run.options.is_ode() && options.method->order > 1;
  const auto& states = run.model->flow(theta, start, times);
  std::vector<Index> kept;
  for (Index i = 0; i < count; ++i) {
    bool finite = true;
    for (const Matrix<float>& state : states) finite = finite && state.col(i).allFinite();
    if (!finite) continue;
    kept.push_back(i);
    traces.group.push_back(group[static_cast<std::size_t>(i)]);
  }
  for (int k = 0; k < vertices; ++k) {
    traces.times.push_back(static_cast<float>(times(k, 0)));
    const Matrix<float>& state = states[static_cast<std::size_t>(k)];
    Matrix<float> part(state.rows(), static_cast<Index>(kept.size()));
    for (Index i = 0; i < part.cols(); ++i)
      part.col(i) = state.col(kept[static_cast<std::size_t>(i)]);
    traces.states.push_back(std::move(part));
  }
  return traces;
}

Plot flow_plot(const Run& run, const LabelledPoints& own, const Vector<float>& theta, int cells,
               const FlowTraces& traces) {
  Plot plot;
  plot.id = "flow";
  plot.title = "Points flow through continuous depth";
  plot.drawing = Plot::Drawing::classes;
  View view = run.scale;
  view.half *= view_margin;
  set_axes(plot, view, "x₁", "x₂");
  if (!run.model) {
    plot.caption = "click to draw points of class A and class B";
    plot.layers.push_back(make_layer(points_of(own), Role::neutral, "your points"));
    return plot;
  }
  plot.t_end = run.options.is_plain() ? 0 : 1;
  plot.caption = "each line is one sample's path y(t); the background is the prediction";
  if (run.options.is_plain()) {
    plot.title = "A plain network has no flow to show";
    plot.caption =
        "the background is the prediction; an MLP's layers have other widths, so there are no "
        "paths";
  } else if (run.options.spec.lift) {
    plot.caption =
        "paths y(t) seen through the inverse of the lift; the background is the prediction";
  } else if (run.options.spec.augment > 0) {
    plot.caption =
        "paths (y₁, y₂)(t), hidden dimensions not drawn; the background is the prediction";
  }
  plot.layers.push_back(decision_layer(run, theta, plot, cells));
  plot.layers.push_back(make_layer(points_of(run.data.train)));
  plot.layers.push_back(make_layer(points_of(run.data.test)));
  plot.layers.back().faint = true;
  if (run.options.is_plain()) return plot;
  std::vector<Matrix<double>> flat;
  for (const Matrix<float>& state : traces.states) {
    flat.push_back(run.model->project(theta, state) * run.scale.half);
    flat.back().row(0).array() += run.scale.centre_x;
    flat.back().row(1).array() += run.scale.centre_y;
  }
  plot.layers.push_back(make_layer(paths_through(traces, flat)));
  return plot;
}

std::string describe(const Run& run, const Trainee& trainee) {
  if (!run.model) return "Your own points; there are too few of them to train on.";
  const std::string when = "After " + std::to_string(trainee.step()) + " steps ";
  if (run.options.on_line()) {
    std::string text =
        "Points about -1 and 1 on a line, which are to become 1 and -1, and their paths against "
        "time. " +
        when;
    if (!std::isfinite(run.score.loss)) return text + "there are no points to test on.";
    return text + "they miss by a mean square of " +
           format_number(std::round(run.score.loss * 1e4) / 1e4) + ".";
  }
  std::string text =
      "Two classes of points in the plane (" + run.options.data +
      "), coloured by the prediction around them" +
      (run.options.is_plain() ? std::string(". ")
                              : ", with the paths along which the flow carries test points. ") +
      when;
  if (!std::isfinite(run.score.accuracy)) return text + "there are no points to test on.";
  return text + std::to_string(static_cast<int>(std::lround(run.score.accuracy * 100))) +
         " percent of the test points are classified correctly.";
}

}  // namespace

Frame picture(const Run& run, const LabelledPoints& own, const Trainee& trainee,
              const SolveReport& solve, bool sketch) {
  const Vector<float>& theta = trainee.theta();
  const int cells = sketch && run.model ? sketch_cells(run, theta) : heatmap_cells;
  const bool on_line = run.options.on_line(), is_plain = run.options.is_plain();
  Frame frame;
  frame.step = run.model ? trainee.step() : 0;
  if (!run.model) {
    frame.plots.push_back(flow_plot(run, own, theta, cells, {}));
  } else {
    const FlowTraces traces = is_plain ? FlowTraces() : trace(run, theta);
    if (!on_line) frame.plots.push_back(flow_plot(run, own, theta, cells, traces));
    if (on_line && !is_plain) frame.plots.push_back(line_plot(run, traces));
    if (on_line) frame.plots.push_back(function_plot(run, theta));
    frame.plots.push_back(loss_plot(trainee));
    const int drawn = on_line ? 1 : 2;  // dimensions of the hero
    if (!is_plain && run.model->dim() > drawn)
      frame.plots.push_back(lifted_plot(run, theta, traces));
    if (run.options.chooses_steps()) frame.plots.push_back(nfe_plot(trainee));
    const Metric quality = on_line ? number_metric("test_mse", "test error", run.score.loss, true)
                                   : Metric{"test_accuracy", "test accuracy", run.score.accuracy,
                                            Metric::Format::percent, true};
    frame.metrics = {
        quality,
        number_metric("loss", "loss", trainee.loss(), true),
        number_metric("test_loss", "test loss", run.score.loss, true),
        count_metric("nfe_forward", "evaluations forward", solve.nfe()),
        count_metric("nfe_mean", "evaluations of the mean sample", solve.mean_nfe()),
        count_metric("nfe_backward", "evaluations backward", run.model->nfe_backward()),
        {"state_bytes", "held for the gradient", static_cast<double>(run.model->state_bytes()),
         Metric::Format::bytes, false},
        count_metric("parameters", "parameters", static_cast<double>(theta.size())),
    };
  }
  frame.description = describe(run, trainee);
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice, const LabelledPoints& own) {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  const PointSet* set = find_point_set(choice);
  Rng rng(0, Trainee::data_stream);
  if (set && set->dim == 1) {
    // From x at the left to g(x) at the right.
    const LabelledPoints points = set->make(preview_points, 0.1, rng);
    Paths paths;
    for (Index i = 0; i < points.size(); ++i) {
      const int label = points.label[static_cast<std::size_t>(i)];
      append_line(paths, -1, points.x(0, i), 1, label == 0 ? 1 : -1);
      paths.group.push_back(static_cast<std::uint32_t>(label));
    }
    set_axes(plot, {0, 0, 1.3}, "", "");
    plot.layers.push_back(make_layer(std::move(paths)));
    return plot;
  }
  const LabelledPoints points = set ? set->make(preview_points, 0.02, rng) : own;
  set_axes(plot, view_of(points.x, 1.15), "", "");
  plot.layers.push_back(make_layer(points_of(points)));
  return plot;
}

}  // namespace neural_ode::classify
