// How `latent` is judged: by the bound on the likelihood of test series, and by how near the
// inferred motions are to the true ones, within the window and beyond.
#include <array>
#include <cmath>

#include "engine/core/math.h"
#include "engine/train/windows_loss.h"
#include "playground/experiments/latent/run.h"

namespace neural_ode::latent {

namespace {

void choose_axes(Run& run) {
  run.axes_known = true;
  const Index latent = run.test_mean.rows(), count = run.test_mean.cols();
  run.axes = {0, latent > 1 ? 1 : 0};
  std::array<double, 2> most = {-1, -1};
  for (Index j = 0; j < latent; ++j) {
    double sum = 0, square = 0;
    for (Index s = 0; s < count; ++s) sum += static_cast<double>(run.test_mean(j, s));
    for (Index s = 0; s < count; ++s) {
      const double miss =
          static_cast<double>(run.test_mean(j, s)) - sum / static_cast<double>(count);
      square += miss * miss;
    }
    if (square > most[0]) {
      most = {square, most[0]};
      run.axes = {j, latent > 1 && j > 0 ? run.axes[0] : run.axes[1]};
    } else if (square > most[1]) {
      most[1] = square;
      run.axes[1] = j;
    }
  }
}

// Observations of a coordinate.
double entries(const SeriesBatch<float>& batch, Index d) {
  double count = 0;
  for (Index i = 0; i < batch.length(); ++i) {
    for (Index s = 0; s < batch.series(); ++s) {
      if (batch.observed(i, s) && !std::isnan(batch.x(d, i * batch.series() + s))) ++count;
    }
  }
  return count;
}

}  // namespace

void score(Run& run, const Vector<float>& theta, double kl_weight) {
  run.scores = {};
  const auto series = static_cast<double>(run.data.test.size());
  if (run.model->evaluate(theta, run.test_seen, run.test_target, run.test_eps).succeeded()) {
    run.scores.loss = (kl_weight * run.model->terms().kl - run.model->terms().log_likelihood) /
                      static_cast<double>(run.test_target.observations());
    run.scores.kl = run.model->terms().kl / series;
    // The density of the data themselves, not of what the model works with.
    double log_units = 0;
    for (Index d = 0; d < run.data.dim; ++d)
      log_units += entries(run.test_target, d) * math::log(run.data.error_unit(d));
    run.scores.elbo = (run.model->terms().log_likelihood - log_units) / series - run.scores.kl;
  }
  run.model->encode(theta, run.test_seen, run.test_mean, run.test_log_variance);
  choose_axes(run);
  if (run.data.truth.empty()) return;
  Matrix<float> x;
  if (!run.model->decode(theta, run.test_mean, run.data.t0, run.truth_times, x).succeeded()) return;
  const Index count = run.test_mean.cols(), times = run.truth_times.rows();
  MeanSquare inside, beyond;
  for (Index i = 0; i < times; ++i) {
    MeanSquare& error = 2 * i < times ? inside : beyond;
    for (Index s = 0; s < count; ++s) {
      const Matrix<double>& truth = run.data.truth[static_cast<std::size_t>(s)].y;
      for (Index d = 0; d < run.data.dim; ++d) {
        error.add(run.data.value_of_model(x(d, i * count + s), d), truth(d, i));
      }
    }
  }
  run.scores.rmse = std::sqrt(inside.value());
  run.scores.extrapolation_rmse = std::sqrt(beyond.value());
}

}  // namespace neural_ode::latent
