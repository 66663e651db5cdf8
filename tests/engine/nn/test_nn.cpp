#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/mlp.h"
#include "tests/support/allocations.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;

namespace {

template <class Scalar>
void fill_normal(Eigen::Ref<Matrix<Scalar>> m, Rng& rng) {
  for (Index j = 0; j < m.cols(); ++j) {
    for (Index i = 0; i < m.rows(); ++i) m(i, j) = Scalar(rng.normal());
  }
}

Matrix<double> normal_matrix(Index rows, Index cols, Rng& rng) {
  Matrix<double> m(rows, cols);
  fill_normal<double>(m, rng);
  return m;
}

Vector<double> random_parameters(const Mlp<double>& mlp, Rng& rng) {
  Vector<double> theta(mlp.layout().size());
  mlp.initialize(rng, false, theta);
  for (double& each : theta) each += 0.3 * rng.normal();
  return theta;
}

double inner_product(const Matrix<double>& a, const Matrix<double>& b) {
  return a.cwiseProduct(b).sum();
}

bool close(double value, double expected, double tolerance) {
  return std::abs(value - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

// 3 -> 5 -> 4 -> 2 with the activation after each hidden layer.
Mlp<double> small_net(Activation activation) {
  return Mlp<double>({{3, 5, activation}, {5, 4, activation}, {4, 2}});
}

constexpr Index samples = 4;

}  // namespace

TEST_CASE("activation names: each finds itself, only relu lacks a second derivative") {
  CHECK(activation_names().size() == 7);
  for (std::size_t i = 0; i < activation_names().size(); ++i) {
    const auto found = find_activation(activation_names()[i]);
    REQUIRE(found);
    CHECK(*found == static_cast<Activation>(i));
    CHECK(activation_name(*found) == activation_names()[i]);
    CHECK(has_second_derivative(*found) == (activation_names()[i] != "relu"));
  }
  CHECK_FALSE(find_activation("swish"));
}

TEST_CASE("parameter layout: slices follow one another, a prefix names those of a part") {
  ParameterLayout part;
  CHECK(part.add("0.weight", 3, 2) == 0);
  CHECK(part.add("0.bias", 3, 1) == 6);
  ParameterLayout whole;
  whole.add("lift", 2, 2);
  CHECK(whole.append("field.", part) == 4);
  CHECK(whole.size() == 13);
  CHECK(whole.slices()[2].name == "field.0.bias");
  CHECK(whole.slices()[2].offset == 10);
}

TEST_CASE("mlp: one hidden neuron by hand, weights column-major") {
  Mlp<double> mlp(mlp_layers(2, 1, 1, 2, Activation::tanh));
  REQUIRE(mlp.layout().size() == 7);
  CHECK(mlp.layout().slices()[0].name == "0.weight");
  CHECK(mlp.layout().slices()[3].name == "1.bias");
  Vector<double> theta(7);
  theta << 2, -1, 0.5, 3, 4, 0.1, 0.2;
  Matrix<double> x(2, 1);
  x << 0.3, 0.7;
  const Matrix<double> y = mlp.forward(theta, x);
  const double h = std::tanh(2 * 0.3 - 0.7 + 0.5);
  CHECK(y(0, 0) == doctest::Approx(3 * h + 0.1).epsilon(1e-15));
  CHECK(y(1, 0) == doctest::Approx(4 * h + 0.2).epsilon(1e-15));
}

TEST_CASE("mlp: without bias and activation it is its matrix") {
  Mlp<double> mlp({{2, 2, Activation::identity, false}});
  REQUIRE(mlp.layout().size() == 4);
  Vector<double> theta(4);
  theta << -0.1, 1, -1, -0.1;
  Matrix<double> x(2, 2), expected(2, 2);
  x << 1, 2, 3, 4;
  expected << -3.1, -4.2, 0.7, 1.6;
  CHECK((mlp.forward(theta, x) - expected).norm() < 1e-14);
}

TEST_CASE("mlp: pullback matches finite differences for every activation and 0, 1 and D tangents") {
  for (const std::string_view name : activation_names()) {
    for (const int tangents : {0, 1, 3}) {
      CAPTURE(std::string(name));
      CAPTURE(tangents);
      Mlp<double> mlp = small_net(*find_activation(name));
      Rng rng(21);
      Vector<double> theta = random_parameters(mlp, rng);
      const Index columns = samples * (tangents + 1);
      Matrix<double> x = normal_matrix(3, columns, rng);
      const Matrix<double> y_bar = normal_matrix(2, columns, rng);

      mlp.forward(theta, x, tangents);
      Matrix<double> x_bar(3, columns);
      Vector<double> theta_bar = Vector<double>::Zero(theta.size());
      mlp.pullback(theta, y_bar, x_bar, theta_bar);

      const auto loss = [&] { return inner_product(y_bar, mlp.forward(theta, x, tangents)); };
      for (Index i = 0; i < theta.size(); ++i) {
        const double expected = testing::central_difference(loss, theta[i], 1e-4);
        CHECK(close(theta_bar[i], expected, 1e-8));
      }
      for (Index i = 0; i < x.size(); ++i) {
        const double expected = testing::central_difference(loss, x.data()[i], 1e-4);
        CHECK(close(x_bar.data()[i], expected, 1e-8));
      }
    }
  }
}

TEST_CASE("mlp: tangents are directional derivatives of the values") {
  for (const std::string_view name : activation_names()) {
    CAPTURE(std::string(name));
    Mlp<double> mlp = small_net(*find_activation(name));
    Rng rng(22);
    const Vector<double> theta = random_parameters(mlp, rng);
    const Matrix<double> jet = normal_matrix(3, 3 * samples, rng);  // K = 2
    const Matrix<double> y = mlp.forward(theta, jet, 2);
    const Matrix<double> x = jet.leftCols(samples);
    CHECK(y.leftCols(samples) == mlp.forward(theta, x));
    for (int k = 1; k <= 2; ++k) {
      const Matrix<double> direction = jet.middleCols(k * samples, samples);
      double s = 0;
      for (Index i = 0; i < 2 * samples; ++i) {
        const auto entry = [&] {
          const Matrix<double> moved = x + s * direction;
          const Matrix<double> value = mlp.forward(theta, moved);
          return value.data()[i];
        };
        const double expected = testing::central_difference(entry, s, 1e-4);
        CHECK(close(y.data()[k * 2 * samples + i], expected, 1e-9));
      }
    }
  }
}

TEST_CASE("mlp: the reverse is the transpose of the tangent map (dot-product test)") {
  for (const std::string_view name : activation_names()) {
    CAPTURE(std::string(name));
    Mlp<double> mlp = small_net(*find_activation(name));
    Rng rng(23);
    const Vector<double> theta = random_parameters(mlp, rng);
    const Matrix<double> jet = normal_matrix(3, 2 * samples, rng);
    const Matrix<double> y_bar = normal_matrix(2, samples, rng);
    const Matrix<double> y = mlp.forward(theta, jet, 1);
    mlp.forward(theta, jet.leftCols(samples));
    Matrix<double> x_bar(3, samples);
    Vector<double> none;
    mlp.pullback(theta, y_bar, x_bar, none);
    CHECK(inner_product(y_bar, y.rightCols(samples)) ==
          doctest::Approx(inner_product(x_bar, jet.rightCols(samples))).epsilon(1e-13));
  }
}

TEST_CASE("mlp: pullback adds to theta_bar, and skips what is empty") {
  Mlp<double> mlp = small_net(Activation::silu);
  Rng rng(24);
  const Vector<double> theta = random_parameters(mlp, rng);
  const Matrix<double> x = normal_matrix(3, samples, rng), y_bar = normal_matrix(2, samples, rng);
  Matrix<double> no_matrix, x_bar(3, samples), x_bar_alone(3, samples);
  Vector<double> no_vector, once = Vector<double>::Zero(theta.size()), twice = once;
  mlp.forward(theta, x);
  mlp.pullback(theta, y_bar, no_matrix, once);
  mlp.pullback(theta, y_bar, x_bar, twice);
  mlp.pullback(theta, y_bar, no_matrix, twice);
  mlp.pullback(theta, y_bar, x_bar_alone, no_vector);
  CHECK(twice == 2 * once);
  CHECK(x_bar == x_bar_alone);
}

TEST_CASE("mlp: initialisation is Glorot's range, biases zero, zero_last the zero map") {
  Mlp<double> mlp(mlp_layers(2, 64, 1, 2, Activation::tanh));
  Vector<double> theta(mlp.layout().size()), zeroed(mlp.layout().size());
  Rng rng(25), again(25);
  mlp.initialize(rng, false, theta);
  mlp.initialize(again, true, zeroed);
  const double bound = std::sqrt(6.0 / 66);
  CHECK(theta.head(128).cwiseAbs().maxCoeff() <= bound);
  CHECK(theta.head(128).cwiseAbs().maxCoeff() > 0.95 * bound);
  CHECK(theta.segment(128, 64).isZero(0));
  CHECK(zeroed.head(128) == theta.head(128));
  const Matrix<double> x = normal_matrix(2, 5, rng);
  CHECK(mlp.forward(zeroed, x).isZero(0));
  CHECK_FALSE(mlp.forward(theta, x).isZero(0.1));
}

TEST_CASE("mlp: float agrees with double to the accuracy of float") {
  const std::vector<LayerSpec> layers = mlp_layers(3, 32, 2, 2, Activation::softplus);
  Mlp<double> exact(layers);
  Mlp<float> single(layers);
  Rng rng(26);
  Vector<double> theta(exact.layout().size());
  exact.initialize(rng, false, theta);
  const Vector<float> theta_f = theta.cast<float>();
  const Matrix<double> x = normal_matrix(3, 20, rng), y_bar = normal_matrix(2, 20, rng);
  const Matrix<float> x_f = x.cast<float>(), y_bar_f = y_bar.cast<float>();
  const Matrix<double> y = exact.forward(theta, x, 1);
  const Matrix<double> y_f = single.forward(theta_f, x_f, 1).cast<double>();
  CHECK((y_f - y).cwiseAbs().maxCoeff() < 1e-5);
  Matrix<double> x_bar(3, 20);
  Matrix<float> x_bar_f(3, 20);
  Vector<double> theta_bar = Vector<double>::Zero(theta.size());
  Vector<float> theta_bar_f = Vector<float>::Zero(theta.size());
  exact.pullback(theta, y_bar, x_bar, theta_bar);
  single.pullback(theta_f, y_bar_f, x_bar_f, theta_bar_f);
  CHECK((x_bar_f.cast<double>() - x_bar).cwiseAbs().maxCoeff() < 2e-5);
  CHECK((theta_bar_f.cast<double>() - theta_bar).cwiseAbs().maxCoeff() < 1e-4);
}

TEST_CASE_TEMPLATE("mlp: a sample's bits do not depend on its batch", Scalar, float, double) {
  Mlp<Scalar> mlp(mlp_layers(3, 33, 2, 3, Activation::tanh));
  Rng rng(27);
  Vector<Scalar> theta(mlp.layout().size());
  mlp.initialize(rng, false, theta);
  Matrix<Scalar> x(3, 50), a(3, 50);
  fill_normal<Scalar>(x, rng);
  fill_normal<Scalar>(a, rng);
  const Matrix<Scalar> y = mlp.forward(theta, x);
  Matrix<Scalar> x_bar(3, 50), alone_bar(3, 1);
  Vector<Scalar> none;
  mlp.pullback(theta, a, x_bar, none);
  for (Index j = 0; j < 50; ++j) {
    CHECK(mlp.forward(theta, x.col(j)) == y.col(j));
    mlp.pullback(theta, a.col(j), alone_bar, none);
    CHECK(alone_bar == x_bar.col(j));
  }
}

TEST_CASE("mlp: allocates nothing after warm-up") {
  Mlp<float> mlp(mlp_layers(3, 64, 2, 3, Activation::tanh));
  mlp.reserve(200);
  Vector<float> theta(mlp.layout().size()), theta_bar = Vector<float>::Zero(mlp.layout().size());
  Rng rng(28);
  mlp.initialize(rng, false, theta);
  const Matrix<float> x = Matrix<float>::Constant(3, 200, 0.5F), y_bar = x;
  Matrix<float> x_bar(3, 200);
  const auto round_trip = [&](int tangents) {
    mlp.forward(theta, x, tangents);
    mlp.pullback(theta, y_bar, x_bar, theta_bar);
  };
  round_trip(0);
  const long before = testing::allocation_count();
  round_trip(0);
  round_trip(1);
  round_trip(3);
  mlp.forward(theta, x.leftCols(7));
  CHECK(testing::allocation_count() == before);
#ifndef __EMSCRIPTEN__  // there the counter does not see malloc
  const Matrix<float> probe(100, 100);
  CHECK(testing::allocation_count() > before);
#endif
}
