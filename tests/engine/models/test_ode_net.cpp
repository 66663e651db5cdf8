#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/models/ode_net.h"
#include "engine/train/optimizer.h"
#include "tests/support/layer_conformance.h"

using namespace neural_ode;
using testing::normal_matrix;

namespace {

SolverOptions rk4(double step_size) {
  SolverOptions options;
  options.method = find_method("rk4");
  options.fixed = true;
  options.step_size = step_size;
  return options;
}

// Two channels, images of 10 x 10 whose features are 2 x 2, three classes.
OdeNetSpec tiny(int residual_blocks) {
  OdeNetSpec spec;
  spec.image = {1, 10, 10};
  spec.channels = 2;
  spec.classes = 3;
  spec.residual_blocks = residual_blocks;
  spec.solver = rk4(0.5);
  return spec;
}

template <class Scalar>
struct Bars {
  Matrix<Scalar> x;
  std::vector<int> label;
};

// Bars in noise: label 1 upright, 0 level.
template <class Scalar>
Bars<Scalar> bars(Index count, Rng& rng) {
  Bars<Scalar> data{(0.3 * normal_matrix(100, count, rng)).template cast<Scalar>(), {}};
  for (Index s = 0; s < count; ++s) {
    const int label = static_cast<int>(rng.below(2)), place = static_cast<int>(rng.below(10));
    for (Index i = 0; i < 10; ++i)
      data.x(label == 1 ? i * 10 + place : place * 10 + i, s) += Scalar(2);
    data.label.push_back(label);
  }
  return data;
}

}  // namespace

TEST_CASE("ode-net: the sizes of the published networks, 0.21 and 0.58 million parameters") {
  OdeNetSpec spec;
  const OdeNet<float> ode(spec);
  CHECK(ode.feature().size() == 64 * 6 * 6);
  CHECK(ode.layout().size() == 208266);  // as the authors' program prints
  spec.residual_blocks = 6;
  const OdeNet<float> residual(spec);
  CHECK(residual.layout().size() == 576778);
  CHECK(residual.layout().slices().back().name == "readout.0.bias");
}

TEST_CASE("ode-net: the gradient of the loss is that of differences, for the ODE and for blocks") {
  for (const int blocks : {0, 2}) {
    CAPTURE(blocks);
    OdeNet<double> net(tiny(blocks));
    Rng rng(31);
    Vector<double> theta = net.initialize(rng);
    theta += 0.1 * normal_matrix(theta.size(), 1, rng).col(0);
    const Matrix<double> x = normal_matrix(100, 3, rng);
    const std::vector<int> label = {2, 0, 1};
    double loss = 0;
    Vector<double> theta_bar, unused;
    REQUIRE(net.loss_and_gradient(theta, x, label, loss, theta_bar).succeeded());
    Matrix<double> expected(theta.size(), 1);
    for (Index i = 0; i < theta.size(); ++i) {
      const auto value = [&] {
        net.loss_and_gradient(theta, x, label, loss, unused);
        return loss;
      };
      // So small a step that hardly a relu's kink lies within it.
      expected(i, 0) = testing::central_difference(value, theta[i], 1e-6);
    }
    CHECK(testing::relative_error(theta_bar, expected) < 1e-6);
    CHECK(expected.cwiseAbs().maxCoeff() > 0.01);
  }
}

TEST_CASE("ode-net: the loss is the cross-entropy of what it predicts") {
  for (const int blocks : {0, 2}) {
    CAPTURE(blocks);
    OdeNet<double> net(tiny(blocks));
    Rng rng(32);
    const Vector<double> theta = net.initialize(rng);
    const Matrix<double> x = normal_matrix(100, 2, rng);
    double loss = 0;
    Vector<double> theta_bar;
    net.loss_and_gradient(theta, x, std::vector<int>{2, 1}, loss, theta_bar);
    Matrix<double> logits(3, 2), alone(3, 1);
    REQUIRE(net.predict(theta, x, logits).succeeded());
    const auto cost = [&](Index s, Index label) {
      return std::log(logits.col(s).array().exp().sum()) - logits(label, s);
    };
    CHECK(loss == doctest::Approx((cost(0, 2) + cost(1, 1)) / 2).epsilon(1e-12));
    // A sample's bits do not depend on its batch.
    net.predict(theta, x.col(1), alone);
    CHECK(alone == logits.col(1));
  }
}

TEST_CASE("ode-net: the tiles of a batch have its mean loss and gradient, on any thread") {
  OdeNetSpec spec = tiny(0);
  spec.solver.method = find_method("dopri5");
  spec.solver.fixed = false;
  spec.solver.rtol = spec.solver.atol = 1e-6;
  Rng rng(35);
  const Matrix<double> x = normal_matrix(100, 2 * OdeNet<double>::tile + 5, rng);
  std::vector<int> label;
  for (Index s = 0; s < x.cols(); ++s) label.push_back(static_cast<int>(s % 3));
  OdeNet<double> net(spec);
  const Vector<double> theta = net.initialize(rng);
  double expected_loss = 0;
  Vector<double> expected = Vector<double>::Zero(theta.size()), theta_bar, first;
  std::vector<Count> nfe;
  for (Index s = 0; s < x.cols(); ++s) {
    double loss = 0;
    const std::vector<int> one = {label[static_cast<std::size_t>(s)]};
    nfe.push_back(net.loss_and_gradient(theta, x.col(s), one, loss, theta_bar).nfe());
    expected_loss += loss / static_cast<double>(x.cols());
    expected += theta_bar / static_cast<double>(x.cols());
  }
  for (const int count : {1, 3}) {
    set_threads(count);
    double loss = 0;
    const SolveReport report = net.loss_and_gradient(theta, x, label, loss, theta_bar);
    CHECK(report.nfe_per_sample == nfe);
    CHECK(loss == doctest::Approx(expected_loss).epsilon(1e-12));
    CHECK(testing::relative_error(theta_bar, expected) < 1e-10);
    if (count == 1) first = theta_bar;
    CHECK(theta_bar == first);
  }
  set_threads(1);
}

TEST_CASE("conv field: what it adds is the gradient, of time too, with or without its value") {
  ConvField<double> field({2, 3, 2});
  Rng rng(33);
  Vector<double> theta(field.parameter_count());
  field.chain().initialize(rng, theta);
  theta += 0.2 * normal_matrix(theta.size(), 1, rng).col(0);
  field.bind(theta.data());
  Matrix<double> y = normal_matrix(12, 3, rng), a = normal_matrix(12, 3, rng), dy(12, 3);
  Vector<double> t(3);
  t << 0, 0.4, 1;
  const auto loss = [&] {
    field.eval(t, y, dy);
    return dy.cwiseProduct(a).sum();
  };
  Matrix<double> y_bar = Matrix<double>::Ones(12, 3), again = y_bar, value(12, 3);
  Vector<double> theta_bar = Vector<double>::Ones(theta.size()), t_bar = Vector<double>::Ones(3);
  Vector<double> theta_again = theta_bar, t_again = t_bar;
  field.vjp(t, y, a, y_bar, theta_bar, t_bar);
  field.eval_vjp(t, y, a, value, again, theta_again, t_again);
  CHECK(again == y_bar);
  CHECK(theta_again == theta_bar);
  CHECK(t_again == t_bar);
  field.eval(t, y, dy);
  CHECK(value == dy);
  for (Index i = 0; i < y.size(); ++i) {
    CHECK(y_bar.data()[i] - 1 ==
          doctest::Approx(testing::central_difference(loss, y.data()[i], 1e-4)).epsilon(1e-6));
  }
  for (Index s = 0; s < 3; ++s) {
    CHECK(t_bar[s] - 1 ==
          doctest::Approx(testing::central_difference(loss, t[s], 1e-4)).epsilon(1e-6));
  }
  // From a record alone, and by a clone.
  const auto clone = field.clone();
  REQUIRE(clone->follow(field));
  field.eval(t, y, dy);
  CHECK_FALSE(clone->follow(ConvField<double>({2, 2, 3})));
  Vector<double> record(field.record_size(3));
  clone->eval_recording(t, y, value, record.data());
  CHECK(value == dy);
  again.setOnes();
  theta_again.setOnes();
  t_again.setOnes();
  field.eval(t, a, value);  // what the scratch holds does not matter
  field.vjp_recorded(record.data(), a, again, theta_again, t_again);
  CHECK(again == y_bar);
  CHECK(theta_again == theta_bar);
  CHECK(t_again == t_bar);

  const long before = testing::allocation_count();
  field.eval(t, y, dy);
  field.vjp(t, y.leftCols(2), a.leftCols(2), y_bar.leftCols(2), theta_bar, t_bar.head(2));
  CHECK(testing::allocation_count() == before);
}

TEST_CASE("ode-net: it learns upright from level bars, as residual blocks do") {
  for (const int blocks : {0, 2}) {
    CAPTURE(blocks);
    OdeNetSpec spec = tiny(blocks);
    spec.channels = 8;
    spec.classes = 2;
    OdeNet<float> net(spec);
    Rng rng(34);
    Vector<float> theta = net.initialize(rng), theta_bar;
    const auto optimizer = make_optimizer<float>("adam", theta.size());
    double loss = 0;
    for (int i = 0; i < 100; ++i) {
      const Bars<float> batch = bars<float>(32, rng);
      REQUIRE(net.loss_and_gradient(theta, batch.x, batch.label, loss, theta_bar).succeeded());
      optimizer->step(theta, theta_bar, 0.01);
    }
    const Bars<float> fresh = bars<float>(200, rng);
    Matrix<float> logits(2, 200);
    net.predict(theta, fresh.x, logits);
    int right = 0;
    for (Index s = 0; s < 200; ++s)
      right += (logits(1, s) > logits(0, s)) == (fresh.label[static_cast<std::size_t>(s)] == 1);
    CHECK(right >= 190);
  }
}
