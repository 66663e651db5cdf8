#include "playground/experiments/latent/fit.h"

#include <cmath>

#include "engine/core/math.h"
#include "engine/core/rng.h"
#include "playground/experiments/latent/run.h"

namespace neural_ode::latent {

namespace {

constexpr Index picture_times = 201;
constexpr double band_width = 1.96;  // standard deviations: 95 %

}  // namespace

double Fit::nearest_time(double x, double y, double otherwise) const {
  double best = 0, time = otherwise;
  for (Index i = 0; i < mean.cols(); ++i) {
    const double dx = mean(0, i) - x, dy = mean(1, i) - y, distance = dx * dx + dy * dy;
    if (i > 0 && distance >= best) continue;
    best = distance;
    time = times[static_cast<std::size_t>(i)];
  }
  return time;
}

bool curves(const Run& run, const Vector<float>& theta, const Matrix<float>& codes,
            const std::vector<double>& times, Matrix<double>& x) {
  Matrix<double> all(static_cast<Index>(times.size()), codes.cols());
  for (Index i = 0; i < all.rows(); ++i)
    all.row(i).setConstant(run.data.units.t.to_model(times[static_cast<std::size_t>(i)]));
  Matrix<float> decoded;
  if (!run.model->decode(theta, codes, run.data.t0, all, decoded).succeeded()) return false;
  x.resize(decoded.rows(), decoded.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    for (Index d = 0; d < x.rows(); ++d) x(d, j) = run.data.value_of_model(decoded(d, j), d);
  }
  return true;
}

void infer(Run& run, const Vector<float>& theta) {
  run.fit.times.resize(picture_times);
  const double begin = run.data.truth.empty() ? run.data.t0 : run.data.truth[0].times[0];
  for (Index i = 0; i < picture_times; ++i) {
    run.fit.times[static_cast<std::size_t>(i)] =
        begin + (run.data.t_end - begin) * static_cast<double>(i) / (picture_times - 1);
  }
  // z0 lives at t0, which cannot be asked for.
  if (run.fit.times[0] <= run.data.t0)
    run.fit.times[0] = run.data.t0 + 1e-3 * (run.fit.times[1] - run.data.t0);
  for (double& t : run.fit.times) t = run.data.time(t);
  run.query.infer(run.data, *run.model, theta);
  const Vector<float>& mean = run.query.mean();
  Matrix<float> codes(mean.size(), Fit::samples + 1);
  Rng rng(2);
  for (Index j = 0; j < mean.size(); ++j) {
    const double sd = math::exp(0.5 * static_cast<double>(run.query.log_variance()[j]));
    codes(j, 0) = mean[j];
    for (Index k = 1; k <= Fit::samples; ++k)
      codes(j, k) = mean[j] + static_cast<float>(sd * rng.normal());
  }
  const Index stride = Fit::samples + 1;
  if (!curves(run, theta, codes, run.fit.times, run.fit.draws))
    run.fit.draws.setZero(run.data.dim, picture_times * stride);
  run.fit.mean.resize(run.data.dim, picture_times);
  run.fit.low.resize(run.data.dim, picture_times);
  run.fit.high.resize(run.data.dim, picture_times);
  for (Index i = 0; i < picture_times; ++i) {
    for (Index d = 0; d < run.data.dim; ++d) {
      double sum = 0, square = 0;
      for (Index k = 1; k <= Fit::samples; ++k) sum += run.fit.draws(d, i * stride + k);
      const double average = sum / Fit::samples;
      for (Index k = 1; k <= Fit::samples; ++k) {
        const double miss = run.fit.draws(d, i * stride + k) - average;
        square += miss * miss;
      }
      const double half = band_width * std::sqrt(square / (Fit::samples - 1));
      run.fit.mean(d, i) = run.fit.draws(d, i * stride);
      run.fit.low(d, i) = average - half;
      run.fit.high(d, i) = average + half;
    }
  }
}

}  // namespace neural_ode::latent
