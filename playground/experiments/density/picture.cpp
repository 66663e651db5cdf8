// The picture of `density`: the cloud on its way over the density, the losses, and the numbers.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "playground/experiments/density/picture.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::density {

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

Paths sample_paths(Run& run, const Vector<float>& theta) {
  Paths paths;
  paths.smooth = true;
  const Index count = std::min(run.test_source.cols(), most_paths);
  Matrix<double> times(path_vertices, 1);
  for (int k = 0; k < path_vertices; ++k) {
    times(k, 0) = static_cast<double>(k) / (path_vertices - 1);
    paths.times.push_back(static_cast<float>(times(k, 0)));
  }
  const Matrix<float> z = run.test_source.leftCols(count).cast<float>();
  const auto& states = run.model->flow(run.field_theta(theta), z, times, *run.solver);
  for (Index i = 0; i < count; ++i) {
    bool finite = true;
    for (const auto& state : states) finite = finite && state.col(i).allFinite();
    if (!finite) continue;
    paths.begin();
    for (const auto& state : states) {
      append_point(run, paths, static_cast<double>(state(0, i)), static_cast<double>(state(1, i)));
    }
  }
  return paths;
}

Layer points_of_data(Points points, std::string label) {
  Layer layer = make_layer(std::move(points), Role::truth, std::move(label));
  layer.faint = true;
  return layer;
}

Plot flow_plot(const Run& run, const LabelledPoints& own) {
  Plot plot;
  plot.id = "flow";
  plot.title = "A cloud flows into the shape of the data";
  plot.drawing = Plot::Drawing::points;
  set_axes(plot, view_of_run(run), "x₁", "x₂");
  if (!run.model) {
    plot.caption = "click to draw points";
    Points drawn;
    for (Index i = 0; i < own.size(); i += shown_stride(own.size()))
      drawn.append(own.x(0, i), own.x(1, i));
    plot.layers.push_back(points_of_data(std::move(drawn), "your points"));
    return plot;
  }
  plot.t_begin = 0;
  plot.t_end = 1;
  plot.caption = "samples on their way from t = 0 to 1 over the density at t";
  if (!run.shown.heatmap.z.empty())
    plot.layers.push_back(make_layer(run.shown.heatmap, Role::neutral, "density"));
  plot.layers.push_back(data_layer(run));
  plot.layers.push_back(make_layer(run.shown.paths, Role::model, "samples"));
  plot.layers.back().faint = true;
  return plot;
}

Plot training_plot(const Run& run, const Trainee& trainee) {
  if (run.matching) {
    Plot plot = loss_plot(trainee);
    plot.caption = "mean squared error of the field along the lines between pairs";
    return plot;
  }
  Plot plot;
  plot.id = "loss";
  const bool reverse = run.options.by_reverse_kl();
  plot.title = reverse ? "Reverse KL divergence" : "Negative log-likelihood";
  plot.caption = reverse ? "log q - log p, in nats, over samples of the flow; at best zero"
                         : "in nats; no model can be below the entropy of the data";
  plot.layers.push_back(curve_layer(trainee.train_curve(), Role::train, "train"));
  plot.layers.push_back(curve_layer(trainee.test_curve(), Role::test, "test"));
  if (run.planar && !reverse)
    plot.layers.push_back(
        curve_layer(trainee.curve(planar_curve), Role::class_b, "planar flow, test"));
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Layer& layer : plot.layers) {
    for (const float value : std::get<Curve>(layer.shape).y) {
      low = std::min(low, static_cast<double>(value));
      high = std::max(high, static_cast<double>(value));
    }
  }
  plot.x.label = "step";
  plot.x.maximum = static_cast<double>(std::max<std::int64_t>(trainee.step(), 10));
  plot.y.label = "nats";
  if (std::isfinite(run.optimum())) {
    plot.layers.push_back(
        line_layer(reverse ? "best" : "entropy", 0, run.optimum(), plot.x.maximum, run.optimum()));
    plot.layers.back().role = Role::truth;
    low = std::min(low, run.optimum());
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

std::string describe(const Run& run, const Trainee& trainee) {
  if (!run.model) return "Your own points; there are too few of them to learn a density from.";
  std::string text = "The density of the flow that learns " + run.options.data +
                     ", as a heat map, with data points and the paths of samples from t = 0 to 1. "
                     "After " +
                     std::to_string(trainee.step()) + " steps ";
  if (std::isfinite(run.scores.nll)) {
    text += "the negative log-likelihood of fresh data is " + rounded(run.scores.nll) + " nats";
    if (std::isfinite(run.optimum()) && !run.options.by_reverse_kl())
      text += " (at best " + rounded(run.optimum()) + ")";
    text += ", ";
  }
  if (run.planar)
    text += "that of the planar flow beside it " + rounded(run.scores.planar_nll) + ", ";
  return text + "the squared distance W2 between samples and data is " +
         (std::isfinite(run.scores.w2_squared) ? rounded(run.scores.w2_squared) : "not known") +
         ".";
}

}  // namespace

View view_of_run(const Run& run) {
  View view;
  view.half = smallest_half;
  if (run.model) {
    for (const Matrix<double>* points : {&run.test_x, &run.test_source}) {
      for (Index i = 0; i < points->size(); ++i)
        view.half = std::max(view.half, std::abs(points->data()[i]));
    }
  }
  view.half *= view_margin * run.scale.half;
  view.centre_x = run.scale.centre_x;
  view.centre_y = run.scale.centre_y;
  return view;
}

void append_point(const Run& run, Vertices& vertices, double x, double y) {
  vertices.append(x * run.scale.half + run.scale.centre_x, y * run.scale.half + run.scale.centre_y);
}

Layer data_layer(const Run& run) {
  Points points;
  for (Index i = 0; i < std::min(run.test_x.cols(), most_points); ++i)
    append_point(run, points, run.test_x(0, i), run.test_x(1, i));
  return points_of_data(std::move(points), "data");
}

void solve_picture(Run& run, const Vector<float>& theta) {
  fill_heatmaps(run, theta);
  run.shown.paths = sample_paths(run, theta);
}

Frame picture(const Run& run, const LabelledPoints& own, const Trainee& trainee,
              const SolveReport& solve) {
  Frame frame;
  if (!run.model) {
    frame.plots.push_back(flow_plot(run, own));
    frame.description = describe(run, trainee);
    return frame;
  }
  frame.step = trainee.step();
  frame.plots.push_back(flow_plot(run, own));
  if (run.planar) frame.plots.push_back(planar_plot(run));
  frame.plots.push_back(training_plot(run, trainee));
  const bool solves = run.matching == nullptr;
  frame.metrics = {
      number_metric("test_nll", "test NLL", run.scores.nll, true),
      number_metric("w2_squared", "W₂²", run.scores.w2_squared, true),
      number_metric("loss", "loss", trainee.loss(), true),
      number_metric("test_loss", "test loss", run.scores.loss, false),
      number_metric("kl", "excess over entropy", run.scores.kl, false),
      number_metric("mass", "integral of density", run.shown.mass, false),
      count_metric("nfe_forward", "evaluations forward", solves ? solve.nfe() : 1),
      count_metric("nfe_backward", "evaluations backward",
                   solves ? run.model->gradient().nfe_backward() : 0),
      count_metric("nfe_sampling", "evaluations to sample", run.scores.nfe),
      {"state_bytes", "held for the gradient",
       solves ? static_cast<double>(run.model->gradient().state_bytes()) : 0.0,
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee.theta().size())),
  };
  if (run.options.by_reverse_kl())
    frame.metrics.push_back(number_metric("reverse_kl", "reverse KL", run.scores.reverse_kl, true));
  if (run.planar)
    frame.metrics.push_back(number_metric("planar_nll", "planar NLL", run.scores.planar_nll, true));
  frame.description = describe(run, trainee);
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice, const LabelledPoints& own) {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  Matrix<double> points = own.x;
  if (const PlaneDensity* density = find_plane_density(choice)) {
    Rng rng(0, Trainee::data_stream);
    points = draw_points(*density, preview_points, 0, rng);
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  Points shown;
  for (Index i = 0; i < points.cols(); i += shown_stride(points.cols()))
    shown.append(points(0, i), points(1, i));
  plot.layers.push_back(make_layer(std::move(shown), Role::truth));
  return plot;
}

}  // namespace neural_ode::density
