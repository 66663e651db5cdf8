// What every layer of engine/nn promises, in one routine.
//
// A layer under test is a class template over its Scalar with
//   Index inputs(), outputs(), parameters();
//   void initialize(Rng&, Vector<Scalar>& theta);
//   void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y);
//   void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>& x,
//                 const Matrix<Scalar>& y_bar, Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar);
// where x holds all that a sample's output depends on, rows below one another, and where x_bar or
// theta_bar may be empty.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "tests/support/allocations.h"
#include "tests/support/finite_difference.h"

namespace neural_ode::testing {

inline Matrix<double> normal_matrix(Index rows, Index cols, Rng& rng) {
  Matrix<double> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = rng.normal();
  return m;
}

// Largest difference relative to the largest entry.
inline double relative_error(const Matrix<double>& value, const Matrix<double>& expected) {
  const double scale = std::max(1e-3, expected.cwiseAbs().maxCoeff());
  return (value - expected).cwiseAbs().maxCoeff() / scale;
}

template <class Scalar>
struct LayerCase {
  Vector<Scalar> theta, theta_bar;
  Matrix<Scalar> x, y, y_bar, x_bar;
};

template <class Scalar, class Layer>
LayerCase<Scalar> layer_case(Layer& layer, Index batch, std::uint64_t seed) {
  LayerCase<Scalar> c;
  Rng rng(seed);
  Vector<Scalar> start(layer.parameters());
  layer.initialize(rng, start);
  // Away from what starts at zero or one.
  c.theta = (start.template cast<double>() + 0.2 * normal_matrix(start.size(), 1, rng).col(0))
                .template cast<Scalar>();
  c.x = normal_matrix(layer.inputs(), batch, rng).template cast<Scalar>();
  c.y_bar = normal_matrix(layer.outputs(), batch, rng).template cast<Scalar>();
  c.y.resize(layer.outputs(), batch);
  c.x_bar.resize(layer.inputs(), batch);
  c.theta_bar = Vector<Scalar>::Zero(layer.parameters());
  return c;
}

template <class Scalar, class Layer>
void run(Layer& layer, LayerCase<Scalar>& c) {
  layer.forward(c.theta, c.x, c.y);
  layer.pullback(c.theta, c.x, c.y_bar, c.x_bar, c.theta_bar);
}

// The gradient of a random linear functional of the output against differences.
template <class Layer>
void check_gradient(Layer layer, Index batch) {
  LayerCase<double> c = layer_case<double>(layer, batch, 71);
  run(layer, c);
  const auto loss = [&] {
    layer.forward(c.theta, c.x, c.y);
    return c.y.cwiseProduct(c.y_bar).sum();
  };
  Matrix<double> x_bar(c.x.rows(), c.x.cols()), theta_bar(c.theta.size(), 1);
  for (Index i = 0; i < c.x.size(); ++i)
    x_bar.data()[i] = central_difference(loss, c.x.data()[i], 1e-4);
  for (Index i = 0; i < c.theta.size(); ++i)
    theta_bar(i, 0) = central_difference(loss, c.theta[i], 1e-4);
  CHECK(relative_error(c.x_bar, x_bar) < 1e-6);
  if (theta_bar.size() != 0) CHECK(relative_error(c.theta_bar, theta_bar) < 1e-6);
}

// theta_bar is added to; what is empty is skipped, and the rest is the same without it.
template <class Layer>
void check_accumulation(Layer layer, Index batch) {
  LayerCase<double> c = layer_case<double>(layer, batch, 72);
  run(layer, c);
  const Vector<double> start = Vector<double>::Constant(layer.parameters(), 3);
  Vector<double> theta_bar = start, no_vector;
  Matrix<double> no_matrix, x_bar = Matrix<double>::Constant(c.x.rows(), batch, 7);
  layer.forward(c.theta, c.x, c.y);
  layer.pullback(c.theta, c.x, c.y_bar, no_matrix, theta_bar);
  if (start.size() != 0) CHECK(relative_error(theta_bar - start, c.theta_bar) < 1e-12);
  layer.forward(c.theta, c.x, c.y);
  layer.pullback(c.theta, c.x, c.y_bar, x_bar, no_vector);
  CHECK(x_bar == c.x_bar);
}

// A sample alone has the bits it has in a batch.
template <class Scalar, class Layer>
void check_batch_independence(Layer layer, Index batch) {
  LayerCase<Scalar> c = layer_case<Scalar>(layer, batch, 73);
  run(layer, c);
  Vector<Scalar> none;
  for (Index s = 0; s < batch; ++s) {
    const Matrix<Scalar> x = c.x.col(s), y_bar = c.y_bar.col(s);
    Matrix<Scalar> y(c.y.rows(), 1), x_bar(c.x.rows(), 1);
    layer.forward(c.theta, x, y);
    layer.pullback(c.theta, x, y_bar, x_bar, none);
    CHECK(y == c.y.col(s));
    CHECK(x_bar == c.x_bar.col(s));
  }
}

template <class Layer>
void check_no_allocation(Layer layer, Index batch) {
  LayerCase<float> c = layer_case<float>(layer, batch, 74);
  run(layer, c);
  const long before = allocation_count();
  run(layer, c);
  CHECK(allocation_count() == before);
}

template <class Single, class Exact>
void check_precision(Single single, Exact exact, Index batch) {
  LayerCase<float> f = layer_case<float>(single, batch, 75);
  LayerCase<double> d = layer_case<double>(exact, batch, 75);
  d.theta = f.theta.template cast<double>();
  d.x = f.x.template cast<double>();
  d.y_bar = f.y_bar.template cast<double>();
  run(single, f);
  run(exact, d);
  CHECK(relative_error(f.y.template cast<double>(), d.y) < 1e-5);
  CHECK(relative_error(f.x_bar.template cast<double>(), d.x_bar) < 2e-5);
  if (d.theta.size() != 0)
    CHECK(relative_error(f.theta_bar.template cast<double>(), d.theta_bar) < 2e-5);
}

// Layer<Scalar> is made from `arguments` afresh for every promise.
template <template <class> class Layer, class... Arguments>
void check_layer(Index batch, const Arguments&... arguments) {
  check_gradient(Layer<double>(arguments...), batch);
  check_accumulation(Layer<double>(arguments...), batch);
  check_batch_independence<double>(Layer<double>(arguments...), batch);
  check_batch_independence<float>(Layer<float>(arguments...), batch);
  check_no_allocation(Layer<float>(arguments...), batch);
  check_precision(Layer<float>(arguments...), Layer<double>(arguments...), batch);
}

}  // namespace neural_ode::testing
