// What `latent` shows: the series with its fit and band, the codes, and the numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "engine/data/series.h"
#include "playground/experiments/latent/layers.h"
#include "playground/experiments/latent/run.h"
#include "playground/picture/plots.h"

namespace neural_ode {

namespace {

constexpr Index picture_times = 201;
constexpr Index shown_draws = 8;
constexpr double band_width = 1.96;  // standard deviations: 95 %

constexpr std::array coordinate_names = {"x(t)", "y(t)"};
constexpr std::array coordinate_roles = {Role::class_a, Role::class_b};

}  // namespace

void Latent::infer() {
  times_.resize(picture_times);
  const double begin = data_.truth.empty() ? data_.t0 : data_.truth[0].times[0];
  for (Index i = 0; i < picture_times; ++i) {
    times_[static_cast<std::size_t>(i)] =
        begin + (data_.t_end - begin) * static_cast<double>(i) / (picture_times - 1);
  }
  // z0 lives at t0, which cannot be asked for.
  if (times_[0] <= data_.t0) times_[0] = data_.t0 + 1e-3 * (times_[1] - data_.t0);
  query_.infer(data_, *model_, trainee_.theta());
  const Vector<float>& mean = query_.mean();
  Matrix<float> codes(mean.size(), posterior_samples + 1);
  Rng rng(2);
  for (Index j = 0; j < mean.size(); ++j) {
    const double sd = math::exp(0.5 * static_cast<double>(query_.log_variance()[j]));
    codes(j, 0) = mean[j];
    for (Index k = 1; k <= posterior_samples; ++k)
      codes(j, k) = mean[j] + static_cast<float>(sd * rng.normal());
  }
  const Index stride = posterior_samples + 1;
  if (!curves(codes, times_, draws_)) draws_.setZero(data_.dim, picture_times * stride);
  fit_.resize(data_.dim, picture_times);
  low_.resize(data_.dim, picture_times);
  high_.resize(data_.dim, picture_times);
  for (Index i = 0; i < picture_times; ++i) {
    for (Index d = 0; d < data_.dim; ++d) {
      double sum = 0, square = 0;
      for (Index k = 1; k <= posterior_samples; ++k) sum += draws_(d, i * stride + k);
      const double average = sum / posterior_samples;
      for (Index k = 1; k <= posterior_samples; ++k) {
        const double miss = draws_(d, i * stride + k) - average;
        square += miss * miss;
      }
      const double half = band_width * std::sqrt(square / (posterior_samples - 1));
      fit_(d, i) = draws_(d, i * stride);
      low_(d, i) = average - half;
      high_(d, i) = average + half;
    }
  }
}

double Latent::nearest_time(double x, double y) const {
  double best = 0, time = data_.t_window;
  for (Index i = 0; i < fit_.cols(); ++i) {
    const double dx = fit_(0, i) - x, dy = fit_(1, i) - y, distance = dx * dx + dy * dy;
    if (i > 0 && distance >= best) continue;
    best = distance;
    time = times_[static_cast<std::size_t>(i)];
  }
  return time;
}

Layer Latent::curve(Index d, Role role, std::string label) const {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  for (Index i = 0; i < fit_.cols(); ++i)
    append_vertex(layer, times_[static_cast<std::size_t>(i)], fit_(d, i));
  return layer;
}

Layer Latent::band(Index d, Role role, std::string label) const {
  Layer layer;
  layer.kind = LayerKind::band;
  layer.role = role;
  layer.label = std::move(label);
  for (Index i = 0; i < low_.cols(); ++i) {
    append_vertex(layer, times_[static_cast<std::size_t>(i)], low_(d, i));
    layer.z.push_back(static_cast<float>(high_(d, i)));
  }
  return layer;
}

Layer Latent::beyond(const Plot& plot) const {
  Layer layer;
  layer.kind = LayerKind::band;
  layer.role = Role::neutral;
  layer.faint = true;
  layer.label = "never observed";
  for (const double t : {data_.t_window, data_.t_end}) {
    append_vertex(layer, t, plot.y.minimum);
    layer.z.push_back(static_cast<float>(plot.y.maximum));
  }
  return layer;
}

Layer Latent::observed_in_time(Index d, Role role) const {
  const Trajectory& observed = query_.observations();
  Layer layer;
  layer.role = role;
  for (Index i = 0; i < observed.y.cols(); ++i)
    append_vertex(layer, observed.times[static_cast<std::size_t>(i)], observed.y(d, i));
  return layer;
}

void Latent::set_time_axes(Plot& plot) const {
  Range range;
  for (const double x : query_.observations().y.reshaped()) range.add(x);
  if (data_.truth.empty()) {
    for (const double x : fit_.reshaped()) range.add(x);
  } else {
    for (const double x : data_.truth[0].y.reshaped()) range.add(x);
  }
  range.pad(0.15);
  plot.x = {"t", times_.front(), times_.back()};
  plot.y = {data_.dim == 1 ? "x" : "x, y", range.low, range.high};
}

Plot Latent::time_plot(bool hero) const {
  Plot plot;
  plot.id = "time";
  plot.title = hero ? "A motion from a few observations" : "In time";
  plot.caption = "dots: observed; line: inferred; band: 95 % of the possible motions";
  set_time_axes(plot);
  plot.layers.push_back(beyond(plot));
  for (Index d = 0; d < data_.dim; ++d) {
    const auto at = static_cast<std::size_t>(d);
    const Role role = hero ? Role::model : coordinate_roles[at];
    if (!data_.truth.empty() && !query_.edited()) {
      Layer truth;
      truth.kind = LayerKind::curve;
      truth.role = Role::truth;
      truth.dashed = true;
      if (d == 0) truth.label = "true motion";
      for (Index i = 0; i < data_.truth[0].y.cols(); ++i) {
        append_vertex(truth, data_.truth[0].times[static_cast<std::size_t>(i)],
                      data_.truth[0].y(d, i));
      }
      plot.layers.push_back(std::move(truth));
    }
    plot.layers.push_back(band(d, role, hero ? "possible" : ""));
    if (hero) {
      plot.layers.push_back(paths_of(draws_, times_, posterior_samples + 1, 0, 1));
      plot.layers.back().role = Role::model;
      plot.layers.back().label = "inferred motion";
    } else {
      plot.layers.push_back(curve(d, role, coordinate_names[at]));
    }
    plot.layers.push_back(observed_in_time(d, hero ? Role::neutral : role));
    if (hero) plot.layers.back().label = "observed";
  }
  if (hero) {
    plot.editable = true;
    plot.t_begin = times_.front();
    plot.t_end = times_.back();
  }
  return plot;
}

Plot Latent::plane_plot() const {
  Plot plot;
  plot.id = "plane";
  plot.title = "A motion from a few observations";
  plot.caption = "dots: observed; bold line: inferred; thin lines: others that are possible";
  plot.editable = true;
  plot.t_begin = times_.front();
  plot.t_end = times_.back();
  const Trajectory& observed = query_.observations();
  Matrix<double> about = observed.y;
  if (!data_.truth.empty()) {
    about.conservativeResize(2, observed.y.cols() + data_.truth[0].y.cols());
    about.rightCols(data_.truth[0].y.cols()) = data_.truth[0].y;
  }
  set_axes(plot, view_of(about, 1.4), "x", "y");
  if (!data_.truth.empty() && !query_.edited()) {
    plot.layers.push_back(path_layer({data_.truth[0]}));
    plot.layers.back().role = Role::truth;
    plot.layers.back().dashed = true;
    plot.layers.back().smooth = true;
    plot.layers.back().label = "true motion";
  }
  plot.layers.push_back(paths_of(draws_, times_, posterior_samples + 1, 1, shown_draws));
  plot.layers.back().times.clear();  // there at all times, not animated
  plot.layers.back().role = Role::model;
  plot.layers.back().faint = true;
  plot.layers.back().label = "possible";
  Layer dots;
  dots.label = "observed";
  for (Index i = 0; i < observed.y.cols(); ++i)
    append_vertex(dots, observed.y(0, i), observed.y(1, i));
  plot.layers.push_back(std::move(dots));
  plot.layers.push_back(paths_of(draws_, times_, posterior_samples + 1, 0, 1));
  plot.layers.back().role = Role::model;
  plot.layers.back().label = "inferred motion";
  return plot;
}

// Linear: the loss may fall below zero, without a bound.
Plot Latent::loss_plot() const {
  Plot plot;
  plot.id = "loss";
  plot.title = "Loss";
  plot.caption = "misfit of an observation and weighted KL term, in nats";
  Range range;
  for (const bool test : {false, true}) {
    const CurveHistory& history = test ? trainee_.test_curve() : trainee_.train_curve();
    Layer layer;
    layer.kind = LayerKind::curve;
    layer.role = test ? Role::test : Role::train;
    layer.label = test ? "test" : "train";
    layer.x = history.steps();
    layer.y = history.values();
    // Later values matter: the first ones may be far above.
    const std::size_t from = layer.y.size() / 20;
    for (std::size_t i = from; i < layer.y.size(); ++i) range.add(static_cast<double>(layer.y[i]));
    plot.layers.push_back(std::move(layer));
  }
  range.pad(0.1);
  plot.x = {"step", 0, static_cast<double>(std::max<std::int64_t>(trainee_.step(), 10))};
  plot.y = {"loss", range.low, range.high};
  for (Layer& layer : plot.layers) {
    for (float& value : layer.y) value = std::min(value, static_cast<float>(range.high));
  }
  return plot;
}

Plot Latent::empty_plot() const {
  Plot plot;
  plot.id = "plane";
  plot.title = "A motion from a few observations";
  plot.editable = true;
  plot.caption = "draw a curve: each point is one observation";
  set_axes(plot, {0, 0, 2.5}, "x", "y");
  Layer points = path_layer(own_.trajectories());
  plot.layers.push_back(points);
  points.kind = LayerKind::points;
  points.label = "your observations";
  points.role = Role::train;
  points.starts.clear();
  plot.layers.push_back(std::move(points));
  return plot;
}

std::string Latent::describe() const {
  if (!model_) return "Your own series; there is too little of them to train on.";
  return "One " + settings_.choice("data") + " series of which " +
         std::to_string(query_.observations().times.size()) +
         " noisy observations are known, the motion that the model infers from them with a band "
         "of the motions it holds possible, and its continuation beyond what is observed, " +
         std::to_string(trainee_.step()) + " steps into training.";
}

Frame Latent::frame() {
  Frame frame;
  frame.step = model_ ? trainee_.step() : 0;
  frame.description = describe();
  if (!model_) {
    frame.plots.push_back(empty_plot());
    return frame;
  }
  if (tested_step_ != trainee_.step()) test();
  infer();
  frame.plots.push_back(data_.dim == 1 ? time_plot(true) : plane_plot());
  add_dragged_motion(frame.plots.back());
  frame.plots.push_back(loss_plot());
  if (data_.dim == 2) frame.plots.push_back(time_plot(false));
  frame.plots.push_back(latent_plot());
  frame.plots.push_back(between_plot());
  const Vector<float> noise = model_->noise(trainee_.theta());
  double sigma = 0;
  for (const float value : noise) sigma += math::exp(0.5 * static_cast<double>(value));
  sigma *= data_.scale / static_cast<double>(noise.size());
  frame.metrics = {
      number_metric("rmse", "error", scores_.rmse, true),
      number_metric("extrapolation_rmse", "extrapolation error", scores_.extrapolation_rmse, true),
      number_metric("elbo", "ELBO of a series", scores_.elbo, true),
      number_metric("loss", "loss", trainee_.loss(), false),
      number_metric("test_loss", "test loss", scores_.loss, false),
      number_metric("kl", "KL of a series", scores_.kl, false),
      number_metric("sigma", "noise σ", sigma, false),
      count_metric("nfe_forward", "evaluations forward", solve_.nfe()),
      count_metric("nfe_backward", "evaluations backward", model_->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(model_->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
  };
  return frame;
}

Plot Latent::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  std::vector<Trajectory> shown;
  if (const SeriesFamily* family = find_series_family(choice)) {
    Rng rng(3, Trainee::data_stream);
    const std::vector<double> times = family->make_times(rng);
    const SeriesSet set = family->make(times, 4, true, rng);
    for (const Matrix<double>& exact : set.exact) {
      Trajectory series;
      series.times = times;
      series.y.resize(2, exact.cols());
      for (Index i = 0; i < exact.cols(); ++i) {
        // A wave of one coordinate is drawn over time, as high as half of its width.
        const double t = times[static_cast<std::size_t>(i)];
        series.y.col(i) << (family->dim == 1 ? t : exact(0, i)),
            (family->dim == 1 ? 2.5 * exact(0, i) : exact(1, i));
      }
      shown.push_back(std::move(series));
    }
  } else {
    shown = own_.trajectories();
  }
  plot.layers.push_back(path_layer(shown));
  plot.layers.back().role = Role::accent;
  Matrix<double> points(2, static_cast<Index>(plot.layers.back().x.size()));
  Index at = 0;
  for (const Trajectory& series : shown) {
    points.middleCols(at, series.y.cols()) = series.y;
    at += series.y.cols();
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  return plot;
}

}  // namespace neural_ode
