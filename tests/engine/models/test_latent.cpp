// Recognition networks, decoders and the latent model made of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/rng.h"
#include "engine/data/series.h"
#include "engine/models/latent_model.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

LatentSpec small_spec(bool ode_encoder, bool rnn_decoder, bool learn_noise) {
  LatentSpec spec;
  spec.encoder = {
      .data_dim = 2, .latent_dim = 3, .hidden = 4, .ode = ode_encoder, .field_hidden = 3};
  spec.encoder.flow_steps = 2;
  spec.decoder.data_dim = 2;
  spec.decoder.latent_dim = 3;
  spec.decoder.hidden = 5;
  spec.decoder.activation = Activation::tanh;
  spec.decoder.readout_hidden = 4;
  spec.decoder.readout_activation = Activation::tanh;
  spec.decoder.recurrent_hidden = 4;
  spec.decoder.solver.method = find_method("rk4");
  spec.decoder.solver.step_size = 0.1;
  spec.decoder.gradient = find_gradient("discrete");
  spec.rnn_decoder = rnn_decoder;
  spec.learn_noise = learn_noise;
  spec.log_variance = -0.7;
  return spec;
}

// Random series of up to `length` observations at random times after t0 = -.1.
template <class Scalar>
SeriesBatch<Scalar> random_batch(Index length, Index series, bool ragged, Rng& rng) {
  SeriesBatch<Scalar> batch;
  batch.t0 = -0.1;
  batch.times.resize(length, series);
  batch.x.resize(2, length * series);
  for (Index s = 0; s < series; ++s) {
    double t = 0;
    for (Index i = 0; i < length; ++i) batch.times(i, s) = t += rng.uniform(0.05, 0.4);
    if (ragged) batch.count.push_back(static_cast<int>(length - s % length));
  }
  for (Scalar& x : batch.x.reshaped()) x = static_cast<Scalar>(rng.normal());
  return batch;
}

template <class Scalar>
Matrix<Scalar> normal(Index rows, Index cols, Rng& rng) {
  Matrix<Scalar> matrix(rows, cols);
  for (Scalar& x : matrix.reshaped()) x = static_cast<Scalar>(rng.normal());
  return matrix;
}

// Not as training starts: the encoder's flow would stand still.
template <class Scalar>
Vector<Scalar> moved_theta(const LatentModel<Scalar>& model, Rng& rng) {
  Vector<Scalar> theta = model.initialize(rng);
  for (Scalar& w : theta) w += static_cast<Scalar>(0.2 * rng.normal());
  return theta;
}

}  // namespace

TEST_CASE("latent model: the gradient of the whole loss is that by differences") {
  for (const bool ode_encoder : {false, true}) {
    for (const bool rnn_decoder : {false, true}) {
      for (const bool ragged : {false, true}) {
        CAPTURE(ode_encoder);
        CAPTURE(rnn_decoder);
        CAPTURE(ragged);
        Rng rng(7);
        LatentModel<double> model(small_spec(ode_encoder, rnn_decoder, ragged));
        Vector<double> theta = moved_theta(model, rng);
        for (double& value : theta) value += 0.1 * rng.normal();
        const auto seen = random_batch<double>(4, 3, ragged, rng);
        const auto target = random_batch<double>(5, 3, ragged, rng);
        const Matrix<double> eps = normal<double>(3, 3, rng);
        Vector<double> theta_bar(theta.size()), ignored(theta.size());
        REQUIRE(model.loss_and_gradient(theta, seen, target, eps, 0.6, theta_bar).succeeded());
        double worst = 0;
        for (Index i = 0; i < theta.size(); ++i) {
          const double difference = central_difference(
              [&] {
                model.loss_and_gradient(theta, seen, target, eps, 0.6, ignored);
                return model.loss();
              },
              theta[i], 1e-3);
          worst = std::max(worst, std::abs(difference - theta_bar[i]));
        }
        CHECK(worst < 1e-8 * std::max(1.0, theta_bar.cwiseAbs().maxCoeff()));
        CHECK(theta_bar.cwiseAbs().minCoeff() > 0);  // everything takes part
      }
    }
  }
}

TEST_CASE("latent model: the encoder's flow converges with the second order of its steps") {
  Matrix<double> means[4];
  for (int k = 0; k < 4; ++k) {
    LatentSpec spec = small_spec(true, false, true);
    spec.encoder.flow_steps = 4 << k;
    LatentModel<double> model(spec);
    Rng rng(5);
    const SeriesBatch<double> batch = random_batch<double>(4, 3, false, rng);
    const Vector<double> theta = moved_theta(model, rng);
    Matrix<double> log_variance(3, 3);
    means[k].resize(3, 3);
    model.encode(theta, batch, means[k], log_variance);
  }
  for (int k = 0; k + 2 < 4; ++k) {
    const double coarse = (means[k] - means[k + 1]).norm();
    const double fine = (means[k + 1] - means[k + 2]).norm();
    CHECK(coarse / fine == doctest::Approx(4).epsilon(0.1));
  }
}

TEST_CASE("latent model: what fills up a short series changes nothing") {
  for (const bool ode_encoder : {false, true}) {
    CAPTURE(ode_encoder);
    Rng rng(9);
    LatentModel<double> model(small_spec(ode_encoder, false, true));
    const Vector<double> theta = moved_theta(model, rng);
    SeriesBatch<double> filled = random_batch<double>(5, 2, false, rng);
    filled.count = {5, 3};
    SeriesBatch<double> alone;
    alone.t0 = filled.t0;
    alone.times = filled.times.col(1).head(3);
    alone.x.resize(2, 3);
    for (Index i = 0; i < 3; ++i) alone.x.col(i) = filled.x.col(2 * i + 1);

    Matrix<double> mean(3, 2), log_variance(3, 2), mean_alone(3, 1), log_variance_alone(3, 1);
    model.encode(theta, filled, mean, log_variance);
    model.encode(theta, alone, mean_alone, log_variance_alone);
    CHECK((mean.col(1) - mean_alone.col(0)).norm() < 1e-14);
    CHECK((log_variance.col(1) - log_variance_alone.col(0)).norm() < 1e-14);

    // Terms are sums over series: the pair's are those of each by itself.
    SeriesBatch<double> first;
    first.take(filled, 0, 1);
    const Matrix<double> eps = normal<double>(3, 2, rng);
    double sum = 0, kl = 0;
    REQUIRE(model.evaluate(theta, first, first, eps.leftCols(1)).succeeded());
    sum += model.terms().log_likelihood;
    kl += model.terms().kl;
    REQUIRE(model.evaluate(theta, alone, alone, eps.rightCols(1)).succeeded());
    sum += model.terms().log_likelihood;
    kl += model.terms().kl;
    REQUIRE(model.evaluate(theta, filled, filled, eps).succeeded());
    CHECK(model.terms().log_likelihood == doctest::Approx(sum).epsilon(1e-13));
    CHECK(model.terms().kl == doctest::Approx(kl).epsilon(1e-13));
    CHECK(model.loss() == doctest::Approx((kl - sum) / 8).epsilon(1e-13));
  }
}

TEST_CASE("latent model: a code is decoded along the solution of its ODE") {
  // f(z) = -z by a network without hidden curvature: z(t) = z0 exp(-(t - t0)). With relu layers of
  // weights 1 and -1, f(z) = -relu(z) + relu(-z), and the read-out is relu(z) - relu(-z) = z.
  LatentSpec spec = small_spec(false, false, false);
  spec.encoder.data_dim = spec.decoder.data_dim = 1;
  spec.encoder.latent_dim = spec.decoder.latent_dim = 1;
  spec.decoder.hidden = spec.decoder.readout_hidden = 2;
  spec.decoder.activation = spec.decoder.readout_activation = Activation::relu;
  spec.decoder.solver.step_size = 0.01;
  LatentModel<double> model(spec);
  Vector<double> theta = Vector<double>::Zero(model.layout().size());
  const auto set = [&](std::string_view name, std::initializer_list<double> values) {
    for (const ParameterSlice& slice : model.layout().slices()) {
      if (slice.name != name) continue;
      REQUIRE(slice.size() == static_cast<Index>(values.size()));
      std::copy(values.begin(), values.end(), theta.data() + slice.offset);
      return;
    }
    FAIL("no such slice");
  };
  set("decoder.field.0.weight", {1, -1});
  set("decoder.field.1.weight", {-1, 1});
  set("decoder.readout.0.weight", {1, -1});
  set("decoder.readout.1.weight", {1, -1});
  Matrix<double> z0(1, 40), times(3, 40), x;  // two tiles
  for (Index s = 0; s < 40; ++s) {
    z0(0, s) = 0.1 * static_cast<double>(s) - 2;
    times.col(s) << 0.2, 0.5, 1 + 0.01 * static_cast<double>(s);
  }
  REQUIRE(model.decode(theta, z0, -0.5, times, x).succeeded());
  double worst = 0;
  for (Index i = 0; i < 3; ++i) {
    for (Index s = 0; s < 40; ++s) {
      worst = std::max(worst, std::abs(x(0, i * 40 + s) - z0(0, s) * std::exp(-0.5 - times(i, s))));
    }
  }
  CHECK(worst < 1e-8);

  // An observation's likelihood has the gradient (x - z(t)) exp(-(t - t0)) / sigma^2 in z0.
  SeriesBatch<double> target;
  target.t0 = -0.5;
  target.times = times.topRows(1);
  target.x = Matrix<double>::Constant(1, 40, 0.7);
  Matrix<double> z0_bar(1, 40);
  REQUIRE(model.likelihood_gradient(theta, z0, target, z0_bar).succeeded());
  for (const Index s : {Index{3}, Index{38}}) {
    const double decay = std::exp(-0.7);
    CHECK(z0_bar(0, s) ==
          doctest::Approx((0.7 - z0(0, s) * decay) * decay * std::exp(0.7)).epsilon(1e-6));
  }
}

TEST_CASE("latent model: the same bits on any number of threads") {
  Rng rng(4);
  LatentModel<float> model(small_spec(true, false, true));
  const Vector<float> theta = moved_theta(model, rng);
  const auto batch = random_batch<float>(6, 70, true, rng);
  const Matrix<float> eps = normal<float>(3, 70, rng);
  Vector<float> one(theta.size()), three(theta.size());
  REQUIRE(model.loss_and_gradient(theta, batch, batch, eps, 1, one).succeeded());
  const double loss = model.loss();
  set_threads(3);
  REQUIRE(model.loss_and_gradient(theta, batch, batch, eps, 1, three).succeeded());
  set_threads(1);
  CHECK(model.loss() == loss);
  CHECK(one == three);
}

TEST_CASE("latent model: a solve that fails is reported, with its sample in the batch") {
  Rng rng(4);
  LatentModel<double> model(small_spec(false, false, true));
  const Vector<double> theta = moved_theta(model, rng);
  Matrix<double> z0 = Matrix<double>::Zero(3, 40), x;
  z0(1, 36) = std::nan("");
  const Matrix<double> times = Matrix<double>::Constant(1, 40, 1.0);
  const SolveReport& report = model.decode(theta, z0, 0, times, x);
  CHECK(report.status == SolveStatus::non_finite);
  CHECK(report.sample == 36);
}

TEST_CASE("latent model: the report of a batch holds all that those of its tiles hold") {
  Rng rng(4);
  LatentSpec spec = small_spec(false, false, true);
  spec.decoder.solver = {.method = "kvaerno5", .rtol = 1e-5};
  LatentModel<double> model(spec);
  const Vector<double> theta = moved_theta(model, rng);
  const Matrix<double> z0 = normal<double>(3, 40, rng);  // two tiles
  const Matrix<double> times = Matrix<double>::Constant(1, 40, 1.0);
  Matrix<double> x;
  const SolveReport report = model.decode(theta, z0, 0, times, x);
  REQUIRE(report.succeeded());
  REQUIRE(report.jacobians_per_sample.size() == 40);
  for (const Count jacobians : report.jacobians_per_sample) CHECK(jacobians > 0);

  spec.decoder.solver = {.method = "dopri5", .rtol = 1e-12, .atol = 1e-12, .max_steps = 2};
  LatentModel<double> stopped(spec);
  CHECK(stopped.decode(theta, z0, 0, times, x).status == SolveStatus::max_steps);
  CHECK(stopped.decode(theta, z0, 0, times, x).error_norm > 0);
}

TEST_CASE("series: spirals turn both ways and hold the published radii") {
  Rng rng(1);
  const SeriesFamily& family = *find_series_family("spirals");
  const auto times = family.make_times(rng);
  const SeriesSet set = family.make(times, 40, true, rng);
  REQUIRE(set.exact.size() == 40);
  for (std::size_t k = 0; k < 40; ++k) {
    const Matrix<double>& y = set.exact[k];
    REQUIRE(y.cols() == 200);
    CHECK(y.allFinite());
    const double centre = set.hidden[k] == 0 ? -5 : 5;
    double turned = 0;
    for (Index i = 1; i < y.cols(); ++i) {
      const double ax = y(0, i - 1) - centre, ay = y(1, i - 1), bx = y(0, i) - centre, by = y(1, i);
      turned += std::asin((ax * by - ay * bx) / (std::hypot(ax, ay) * std::hypot(bx, by)));
    }
    // 199 of 999 parts of three turns, clockwise or not.
    CHECK(
        turned ==
        doctest::Approx((set.hidden[k] == 0 ? -6 : 6) * std::acos(-1.0) * 199 / 999).epsilon(1e-9));
  }
  CHECK(times[100] - times[0] == doctest::Approx(6 * std::acos(-1.0) * 100 / 999));
}

TEST_CASE("series: every family has 200 increasing times, and waves keep their range") {
  for (const SeriesFamily& family : series_families()) {
    CAPTURE(family.name);
    Rng rng(2);
    const auto times = family.make_times(rng);
    REQUIRE(times.size() == 200);
    for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] > times[i - 1]);
    const SeriesSet set = family.make(times, 30, true, rng);
    CHECK(set.window == 100);
    for (const Matrix<double>& y : set.exact) {
      CHECK(y.rows() == family.dim);
      if (family.dim == 1) CHECK(y.cwiseAbs().maxCoeff() <= 1.3);
    }
    for (const double hidden : set.hidden) CHECK((hidden >= 0 && hidden <= 1));
  }
}
