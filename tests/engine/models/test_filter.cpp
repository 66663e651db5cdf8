// Filters of irregular series.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/models/series_filter.h"
#include "tests/support/allocations.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;

namespace {

FilterSpec small_spec(int data_dim = 2) {
  FilterSpec spec;
  spec.data_dim = data_dim;
  spec.state = 4;
  spec.hidden = 5;
  spec.solver.method = find_method("rk4");
  spec.solver.step_size = 0.25;
  spec.gradient = find_gradient("discrete");
  return spec;
}

template <class Scalar>
SeriesBatch<Scalar> random_batch(Index dim, Index length, Index series, Rng& rng) {
  SeriesBatch<Scalar> batch;
  batch.times.resize(length, series);
  batch.x.resize(dim, length * series);
  for (Index s = 0; s < series; ++s) {
    double t = rng.uniform(-1, 1);
    for (Index i = 0; i < length; ++i) batch.times(i, s) = t += rng.uniform(0.1, 0.9);
  }
  for (Index i = 0; i < batch.x.size(); ++i) batch.x.data()[i] = static_cast<Scalar>(rng.normal());
  return batch;
}

template <class Scalar>
Vector<Scalar> random_theta(const SeriesFilter<Scalar>& filter, Rng& rng) {
  Vector<Scalar> theta(filter.layout().size());
  filter.initialize(rng, theta);
  for (Scalar& each : theta) each += static_cast<Scalar>(0.3 * rng.normal());
  return theta;
}

std::vector<std::unique_ptr<SeriesFilter<double>>> both() {
  std::vector<std::unique_ptr<SeriesFilter<double>>> filters;
  filters.push_back(make_jump_filter<double>(small_spec()));
  filters.push_back(make_recurrent_filter<double>(small_spec()));
  return filters;
}

}  // namespace

TEST_CASE("filter: the gradient through flows and jumps is that of differences") {
  for (const auto& filter : both()) {
    Rng rng(3);
    const SeriesBatch<double> batch = random_batch<double>(2, 5, 3, rng);
    Vector<double> theta = random_theta(*filter, rng);
    Vector<double> theta_bar = Vector<double>::Constant(theta.size(), 2);
    Matrix<double> bar(2, 12);
    for (Index i = 0; i < bar.size(); ++i) bar.data()[i] = rng.normal();
    REQUIRE(filter->forward(theta, batch).succeeded());
    REQUIRE(filter->pullback(theta, bar, theta_bar).succeeded());
    const auto loss = [&] {
      REQUIRE(filter->forward(theta, batch).succeeded());
      return filter->prediction().cwiseProduct(bar).sum();
    };
    for (Index i = 0; i < theta.size(); ++i) {
      const double expected = testing::central_difference(loss, theta[i], 1e-4);
      CHECK(std::abs(theta_bar[i] - 2 - expected) < 1e-7 * (1 + std::abs(expected)));
    }
  }
}

TEST_CASE("filter: a prediction knows what came before its time, and nothing after it") {
  for (const auto& filter : both()) {
    Rng rng(4);
    SeriesBatch<double> batch = random_batch<double>(2, 5, 3, rng);
    const Vector<double> theta = random_theta(*filter, rng);
    filter->forward(theta, batch);
    const Matrix<double> before = filter->prediction();
    batch.x.middleCols(2 * 3 + 1, 1).array() += 1;  // observation 2 of series 1
    batch.times(4, 2) += 0.3;                       // the last time of series 2
    filter->forward(theta, batch);
    const Matrix<double>& after = filter->prediction();
    for (Index i = 1; i < 5; ++i) {
      for (Index s = 0; s < 3; ++s) {
        const Index column = (i - 1) * 3 + s;
        const bool same = before.col(column) == after.col(column);
        CHECK(same == !((s == 1 && i > 2) || (s == 2 && i == 4)));
      }
    }
  }
}

TEST_CASE("filter: a trace ends, gap by gap, in the predictions, and jumps between them") {
  for (const auto& filter : both()) {
    Rng rng(5);
    const SeriesBatch<double> batch = random_batch<double>(2, 4, 3, rng);
    const Vector<double> theta = random_theta(*filter, rng);
    constexpr int points = 6;
    const Matrix<double> trace = filter->trace(theta, batch, points);
    filter->forward(theta, batch);
    for (Index i = 0; i < 3; ++i) {
      const Matrix<double> end = trace.middleCols((i * points + points - 1) * 3, 3);
      // The times in between cut the steps of the solver.
      CHECK((end - filter->prediction().middleCols(i * 3, 3)).cwiseAbs().maxCoeff() < 1e-4);
      if (i < 2) CHECK((end - trace.middleCols((i + 1) * points * 3, 3)).norm() > 1e-3);
    }
  }
}

TEST_CASE("filter: a field that is zero leaves the state where the jump put it") {
  const auto filter = make_jump_filter<double>(small_spec());
  Rng rng(6);
  const SeriesBatch<double> batch = random_batch<double>(2, 3, 2, rng);
  Vector<double> theta(filter->layout().size());
  filter->initialize(rng, theta);  // the last layer of g is zero
  const Matrix<double> trace = filter->trace(theta, batch, 4);
  for (Index k = 1; k < 4; ++k) CHECK(trace.middleCols(k * 2, 2) == trace.leftCols(2));
}

TEST_CASE("filter: a training step does not allocate after the first ones") {
  for (const bool jump : {true, false}) {
    const auto filter =
        jump ? make_jump_filter<float>(small_spec(1)) : make_recurrent_filter<float>(small_spec(1));
    Rng rng(7);
    const SeriesBatch<float> batch = random_batch<float>(1, 5, 8, rng);
    const Vector<float> theta = random_theta(*filter, rng);
    Vector<float> theta_bar = Vector<float>::Zero(theta.size());
    const Matrix<float> bar = Matrix<float>::Ones(1, 32);
    const auto step = [&] {
      filter->forward(theta, batch);
      filter->pullback(theta, bar, theta_bar);
    };
    for (int i = 0; i < 5; ++i) step();
    const long before = testing::allocation_count();
    for (int i = 0; i < 3; ++i) step();
    CHECK(testing::allocation_count() == before);
  }
}
