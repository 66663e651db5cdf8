#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/data/labelled_points.h"
#include "engine/models/classifier.h"
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

ClassifierSpec small(ClassifierModel model, bool regression) {
  ClassifierSpec spec;
  spec.model = model;
  spec.regression = regression;
  spec.inputs = regression ? 1 : 2;
  spec.augment = 1;
  spec.lift = spec.mlp_readout = !regression;
  spec.hidden = 5;
  spec.solver = rk4(0.25);
  return spec;
}

constexpr ClassifierModel all_models[] = {ClassifierModel::ode, ClassifierModel::residual,
                                          ClassifierModel::plain};

}  // namespace

TEST_CASE("classifier: the gradient of the loss is that of differences, whatever the model") {
  for (const ClassifierModel kind : all_models) {
    for (const bool regression : {false, true}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(regression);
      Classifier<double> model(small(kind, regression));
      Rng rng(21);
      Vector<double> theta = model.initialize(rng);
      theta += 0.2 * normal_matrix(theta.size(), 1, rng).col(0);
      const Matrix<double> x = normal_matrix(regression ? 1 : 2, 4, rng);
      const std::vector<int> label = {1, 0, 0, 1};
      double loss = 0;
      Vector<double> theta_bar, unused;
      REQUIRE(model.loss_and_gradient(theta, x, label, loss, theta_bar).succeeded());
      Matrix<double> expected(theta.size(), 1);
      for (Index i = 0; i < theta.size(); ++i) {
        const auto value = [&] {
          model.loss_and_gradient(theta, x, label, loss, unused);
          return loss;
        };
        expected(i, 0) = testing::central_difference(value, theta[i], 1e-5);
      }
      CHECK(testing::relative_error(theta_bar, expected) < 1e-7);
      CHECK(expected.cwiseAbs().maxCoeff() > 0.01);
    }
  }
}

TEST_CASE("classifier: the loss and the score are those of what it predicts") {
  for (const ClassifierModel kind : all_models) {
    for (const bool regression : {false, true}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(regression);
      const ClassifierSpec spec = small(kind, regression);
      Classifier<double> model(spec);
      Rng rng(22);
      const Vector<double> theta = model.initialize(rng);
      const Matrix<double> x = normal_matrix(regression ? 1 : 2, 3, rng);
      const std::vector<int> label = {0, 1, 1};
      double loss = 0, expected = 0;
      Vector<double> theta_bar;
      model.loss_and_gradient(theta, x, label, loss, theta_bar);
      Solver<double> solver(spec.solver);
      const std::vector<double> output = model.predict(theta, x, solver);
      for (std::size_t i = 0; i < 3; ++i) {
        const double wanted = label[i] == 0 ? 1 : -1;
        expected += regression      ? (output[i] - wanted) * (output[i] - wanted)
                    : label[i] == 1 ? -std::log(output[i])
                                    : -std::log(1 - output[i]);
      }
      CHECK(loss == doctest::Approx(expected / 3).epsilon(1e-12));
      CHECK(model.score(theta, x, label).loss == doctest::Approx(expected / 3).epsilon(1e-12));
    }
  }
}

TEST_CASE("classifier: a sample's bits do not depend on who shares its batch") {
  for (const ClassifierModel kind : all_models) {
    CAPTURE(static_cast<int>(kind));
    const ClassifierSpec spec = small(kind, false);
    Classifier<float> model(spec);
    Rng rng(23);
    const Vector<float> theta = model.initialize(rng);
    const Matrix<float> x = normal_matrix(2, 37, rng).cast<float>();
    Solver<float> solver(spec.solver);
    const std::vector<double> together = model.predict(theta, x, solver);
    for (const Index i : {0, 5, 36}) {
      CHECK(model.predict(theta, x.col(i), solver)[0] == together[static_cast<std::size_t>(i)]);
    }
    // The gradient of a batch is the mean of its samples'.
    Vector<float> whole, part;
    Vector<double> sum = Vector<double>::Zero(theta.size());
    double loss = 0, loss_sum = 0, part_loss = 0;
    const std::vector<int> label = {1, 0, 0};
    model.loss_and_gradient(theta, x.leftCols(3), label, loss, whole);
    for (Index i = 0; i < 3; ++i) {
      const std::vector<int> one = {label[static_cast<std::size_t>(i)]};
      model.loss_and_gradient(theta, x.col(i), one, part_loss, part);
      sum += part.cast<double>() / 3;
      loss_sum += part_loss / 3;
    }
    CHECK(loss == doctest::Approx(loss_sum).epsilon(1e-6));
    CHECK(testing::relative_error(whole.cast<double>(), sum) < 1e-5);
  }
}

TEST_CASE("classifier: blocks of equal weights are Euler's steps of the flow") {
  ClassifierSpec spec = small(ClassifierModel::ode, false);
  spec.solver = rk4(0.05);
  spec.solver.method = find_method("euler");
  Classifier<double> flow(spec);
  spec.model = ClassifierModel::residual;
  Classifier<double> blocks(spec);
  Rng rng(24);
  const Vector<double> theta = flow.initialize(rng);
  const Index lift = 2 * 3 + 3, field = (3 * 5 + 5) + (5 * 5 + 5) + (5 * 3 + 3);
  const Index readout = theta.size() - lift - field;
  Vector<double> repeated(lift + 20 * field + readout);
  repeated << theta.head(lift), theta.segment(lift, field).replicate(20, 1), theta.tail(readout);
  REQUIRE(blocks.layout().size() == repeated.size());
  const Matrix<double> x = normal_matrix(2, 6, rng);
  Solver<double> solver(spec.solver);
  const std::vector<double> expected = flow.predict(theta, x, solver);
  const std::vector<double> found = blocks.predict(repeated, x, solver);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-12));
  // Step by step, too.
  const Matrix<double> times = Vector<double>::LinSpaced(21, 0, 1);
  const std::vector<Matrix<double>> path = flow.flow(theta, x, times);
  const std::vector<Matrix<double>> states = blocks.flow(repeated, x, times);
  REQUIRE(states.size() == 21);
  for (std::size_t k = 0; k < 21; ++k) CHECK((states[k] - path[k]).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("classifier: the plain MLP is as large as the Neural ODE") {
  for (const int hidden : {4, 24, 100, 256}) {
    for (const int layers : {1, 2, 4}) {
      for (const bool extras : {false, true}) {
        CAPTURE(hidden);
        CAPTURE(layers);
        CAPTURE(extras);
        ClassifierSpec spec;
        spec.hidden = hidden;
        spec.layers = layers;
        spec.augment = extras ? 3 : 0;
        spec.lift = spec.mlp_readout = spec.time_input = extras;
        spec.solver = rk4(0.1);
        const Index wanted = Classifier<float>(spec).layout().size();
        spec.model = ClassifierModel::plain;
        const Classifier<float> plain(spec);
        // Another unit in the last hidden layer has an edge to each unit before it, a bias and an
        // edge to the output.
        const Index unit = plain.layout().slices()[plain.layout().slices().size() - 4].cols + 2;
        CHECK(std::abs(plain.layout().size() - wanted) <= (unit + 1) / 2);
        CHECK(plain.layout().slices().size() == static_cast<std::size_t>(2 * layers + 2));
      }
    }
  }
}

TEST_CASE("classifier: blocks and the plain MLP allocate nothing after warm-up") {
  for (const ClassifierModel kind : {ClassifierModel::residual, ClassifierModel::plain}) {
    Classifier<float> model(small(kind, true));
    Rng rng(25);
    const Vector<float> theta = model.initialize(rng);
    const Matrix<float> x = normal_matrix(1, 16, rng).cast<float>();
    const std::vector<int> label(16, 1);
    Vector<float> theta_bar;
    double loss = 0;
    model.loss_and_gradient(theta, x, label, loss, theta_bar);
    const long before = testing::allocation_count();
    model.loss_and_gradient(theta, x, label, loss, theta_bar);
    CHECK(testing::allocation_count() == before);
  }
}

TEST_CASE("one_dimensional: equal halves about -1 and 1, as wide as the noise") {
  Rng rng(9);
  const LabelledPoints points = find_point_set("one_dimensional")->make(2000, 0.1, rng);
  REQUIRE(points.x.rows() == 1);
  double mean[2] = {0, 0}, square = 0;
  int count[2] = {0, 0};
  for (Index i = 0; i < points.size(); ++i) {
    const int label = points.label[static_cast<std::size_t>(i)];
    const double offset = points.x(0, i) - (label == 0 ? -1 : 1);
    mean[label] += offset / 1000;
    square += offset * offset / 2000;
    ++count[label];
  }
  CHECK(count[0] == 1000);
  CHECK(count[1] == 1000);
  CHECK(std::abs(mean[0]) < 0.015);
  CHECK(std::abs(mean[1]) < 0.015);
  CHECK(std::sqrt(square) == doctest::Approx(0.1).epsilon(0.06).scale(0));
}
