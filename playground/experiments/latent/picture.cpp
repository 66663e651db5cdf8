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
#include "playground/experiments/latent/picture.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::latent {

namespace {

// Linear: the loss may fall below zero, without a bound.
Plot bound_plot(const Trainee& trainee) {
  Plot plot;
  plot.id = "loss";
  plot.title = "Loss";
  plot.caption = "misfit of an observation and weighted KL term, in nats";
  Curve train = curve_of(trainee.train_curve()), test = curve_of(trainee.test_curve());
  Range range;
  for (const Curve* curve : {&train, &test}) {
    // Later values matter: the first ones may be far above.
    for (std::size_t i = curve->y.size() / 20; i < curve->y.size(); ++i)
      range.add(static_cast<double>(curve->y[i]));
  }
  range.pad(0.1);
  plot.x = {"step", 0, static_cast<double>(std::max<std::int64_t>(trainee.step(), 10))};
  plot.y = {"loss", range.low, range.high};
  for (Curve* curve : {&train, &test}) {
    for (float& value : curve->y) value = std::min(value, static_cast<float>(range.high));
  }
  plot.layers.push_back(make_layer(std::move(train), Role::train, "train"));
  plot.layers.push_back(make_layer(std::move(test), Role::test, "test"));
  return plot;
}

Plot drawn_plot(const OwnTrajectories& own) {
  Plot plot;
  plot.id = "plane";
  plot.title = "A motion from a few observations";
  plot.drawing = Plot::Drawing::trajectories;
  show_drawn(plot, own.trajectories());
  return plot;
}

std::string describe(const Run& run, const Trainee& trainee) {
  if (!run.model) return "Your own series; there is too little of them to train on.";
  return "One " + run.options.data + " series of which " +
         std::to_string(run.query.observations().times.size()) +
         " noisy observations are known, the motion that the model infers from them with a band "
         "of the motions it holds possible, and its continuation beyond what is observed, " +
         std::to_string(trainee.step()) + " steps into training.";
}

}  // namespace

Frame picture(Run& run, const OwnTrajectories& own, const Trainee& trainee,
              const SolveReport& solve) {
  Frame frame;
  frame.step = run.model ? trainee.step() : 0;
  frame.description = describe(run, trainee);
  if (!run.model) {
    frame.plots.push_back(drawn_plot(own));
    return frame;
  }
  const Vector<float>& theta = trainee.theta();
  infer(run, theta);
  frame.plots.push_back(run.data.dim == 1 ? time_plot(run, true) : plane_plot(run));
  add_dragged_motion(run, theta, frame.plots.back());
  frame.plots.push_back(bound_plot(trainee));
  if (run.data.dim == 2) frame.plots.push_back(time_plot(run, false));
  frame.plots.push_back(latent_plot(run));
  frame.plots.push_back(between_plot(run, theta));
  const Vector<float> noise = run.model->noise(theta);
  double sigma = 0;
  for (Index d = 0; d < noise.size(); ++d) {
    sigma += math::exp(0.5 * static_cast<double>(noise[d])) * run.data.error_unit(d) /
             static_cast<double>(noise.size());
  }
  frame.metrics = {
      number_metric("rmse", "error", run.scores.rmse, true),
      number_metric("extrapolation_rmse", "extrapolation error", run.scores.extrapolation_rmse,
                    true),
      number_metric("elbo", "ELBO of a series", run.scores.elbo, true),
      number_metric("loss", "loss", trainee.loss(), false),
      number_metric("test_loss", "test loss", run.scores.loss, false),
      number_metric("kl", "KL of a series", run.scores.kl, false),
      number_metric("sigma", "noise σ", sigma, false),
      count_metric("nfe_forward", "evaluations forward", solve.nfe()),
      count_metric("nfe_backward", "evaluations backward", run.model->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(run.model->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(theta.size())),
  };
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice, const OwnTrajectories& own) {
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
    shown = own.trajectories();
  }
  show_preview(plot, shown);
  return plot;
}

}  // namespace neural_ode::latent
