#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/fields/flow_field.h"
#include "engine/fields/mlp_field.h"
#include "engine/models/flow_likelihood.h"
#include "engine/ode/solver.h"
#include "tests/support/allocations.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;

namespace {

Matrix<double> normal_matrix(Index rows, Index cols, Rng& rng) {
  Matrix<double> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = rng.normal();
  return m;
}

std::vector<LayerSpec> network(int dim, bool time_input, Activation activation) {
  return mlp_layers(dim + (time_input ? 1 : 0), 6, 2, dim, activation);
}

Vector<double> random_parameters(const JetNetwork<double>& mlp, Rng& rng) {
  Vector<double> theta(mlp.layout().size());
  mlp.initialize(rng, false, theta);
  for (double& each : theta) each += 0.2 * rng.normal();
  return theta;
}

// A linear field f = A z.
struct LinearFlow {
  explicit LinearFlow(const Matrix<double>& a, Trace trace = Trace::exact, int probes = 1)
      : theta(a.reshaped()),
        field(std::vector<LayerSpec>{{static_cast<int>(a.cols()), static_cast<int>(a.rows()),
                                      Activation::identity, false}},
              false, trace, probes) {
    field.bind(theta.data());
  }
  Vector<double> theta;
  FlowField<double> field;
};

// A network of two inputs and t.
struct NetworkFlow {
  explicit NetworkFlow(Trace trace, int probes = 1)
      : field(network(2, true, Activation::tanh), true, trace, probes) {
    Rng rng(7);
    theta = random_parameters(field.network(), rng);
    field.bind(theta.data());
  }
  Vector<double> theta;
  FlowField<double> field;
};

SolverOptions options_of(const char* method, double tolerance, double step_size = 0.05) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = options.atol = tolerance;
  options.step_size = step_size;
  return options;
}

// The state at t1 of a solve from [z; 0] (or a whole state) at t0.
Matrix<double> carry(FlowField<double>& field, const Matrix<double>& start, double t0, double t1,
                     const SolverOptions& options) {
  Matrix<double> y0 = Matrix<double>::Zero(field.dim(), start.cols()), times(2, 1);
  y0.topRows(start.rows()) = start;
  times << t0, t1;
  Solver<double> solver(options);
  REQUIRE(solver.solve(field, y0, times).status == SolveStatus::ok);
  return solver.states()[1];
}

Vector<double> log_density(FlowField<double>& field, const Matrix<double>& x, double t1,
                           const SolverOptions& options) {
  const Matrix<double> end = carry(field, x, t1, 0, options);
  Vector<double> log_prob(x.cols());
  log_likelihood<double>(end, log_prob);
  return log_prob;
}

// The points of a square grid over [-reach, reach]^2, whose cells have side `step`.
Matrix<double> grid(double reach, double step) {
  const auto n = static_cast<Index>(std::lround(2 * reach / step)) + 1;
  Matrix<double> points(2, n * n);
  for (Index i = 0; i < n * n; ++i) {
    points(0, i) = -reach + step * static_cast<double>(i % n);
    points(1, i) = -reach + step * static_cast<double>(i / n);
  }
  return points;
}

double mean(const Vector<double>& values) {
  return values.sum() / static_cast<double>(values.size());
}
double variance(const Vector<double>& values) {
  return (values.array() - mean(values)).square().sum() / static_cast<double>(values.size() - 1);
}

constexpr Trace all_traces[] = {Trace::exact, Trace::rademacher, Trace::gaussian};

}  // namespace

TEST_CASE_TEMPLATE("mlp field: the Jacobian in one pass is that of D reverse passes", Scalar, float,
                   double) {
  for (const bool time_input : {false, true}) {
    CAPTURE(time_input);
    MlpField<Scalar> field(network(3, time_input, Activation::silu), time_input);
    Rng rng(1);
    const Vector<Scalar> theta =
        random_parameters(Mlp<double>(network(3, time_input, Activation::silu)), rng)
            .template cast<Scalar>();
    field.bind(theta.data());
    const Matrix<Scalar> y = normal_matrix(3, 5, rng).template cast<Scalar>();
    const Vector<double> t = Vector<double>::LinSpaced(5, -1, 2);
    Matrix<Scalar> jacobian(3, 15);
    REQUIRE(field.jacobian(t, y, jacobian));
    for (Index i = 0; i < 3; ++i) {
      Matrix<Scalar> a = Matrix<Scalar>::Zero(3, 5), row = a;
      a.row(i).setOnes();
      Vector<Scalar> none;
      Vector<double> t_bar = Vector<double>::Zero(5);
      field.vjp(t, y, a, row, none, t_bar);
      for (Index s = 0; s < 5; ++s) {
        const double miss = (jacobian.row(i).segment(3 * s, 3) - row.col(s).transpose()).norm();
        CHECK(miss < 10 * static_cast<double>(std::numeric_limits<Scalar>::epsilon()));
      }
    }
    const long before = testing::allocation_count();
    field.jacobian(t.head(3), y.leftCols(3), jacobian.leftCols(9));
    CHECK(testing::allocation_count() == before);
  }
}

TEST_CASE("flow field: it moves points as its network does and the exact trace is the Jacobian's") {
  NetworkFlow flow(Trace::exact);
  MlpField<double> plain(network(2, true, Activation::tanh), true);
  plain.bind(flow.theta.data());
  Rng rng(2);
  Matrix<double> y(3, 4), dy(3, 4), dz(2, 4), jacobian(2, 8);
  y = normal_matrix(3, 4, rng);
  const Vector<double> t = Vector<double>::LinSpaced(4, 0, 1);
  flow.field.eval(t, y, dy);
  plain.eval(t, y.topRows(2), dz);
  plain.jacobian(t, y.topRows(2), jacobian);
  CHECK(dy.topRows(2) == dz);
  for (Index s = 0; s < 4; ++s) {
    CHECK(dy(2, s) == doctest::Approx(-(jacobian(0, 2 * s) + jacobian(1, 2 * s + 1))));
  }
}

TEST_CASE("flow field: the reverse matches finite differences, exact and estimated traces alike") {
  for (const Activation activation : {Activation::tanh, Activation::softplus}) {
    for (const bool time_input : {false, true}) {
      for (const Trace trace : all_traces) {
        CAPTURE(std::string(activation_name(activation)));
        CAPTURE(time_input);
        CAPTURE(static_cast<int>(trace));
        FlowField<double> field(network(3, time_input, activation), time_input, trace, 2);
        Rng rng(3);
        field.draw_probes(4, rng);
        Vector<double> theta = random_parameters(field.network(), rng);
        field.bind(theta.data());
        Matrix<double> y = normal_matrix(4, 4, rng), dy(4, 4);
        const Matrix<double> a = normal_matrix(4, 4, rng);
        Vector<double> t = Vector<double>::LinSpaced(4, -0.5, 1);

        // The reverse adds.
        Matrix<double> y_bar = Matrix<double>::Ones(4, 4);
        Vector<double> theta_bar = Vector<double>::Ones(theta.size());
        Vector<double> t_bar = Vector<double>::Ones(4);
        field.vjp(t, y, a, y_bar, theta_bar, t_bar);

        const auto loss = [&] {
          field.eval(t, y, dy);
          return dy.cwiseProduct(a).sum();
        };
        const auto agrees = [&](double found, double& x) {
          const double expected = testing::central_difference(loss, x, 1e-4);
          CHECK(std::abs(found - 1 - expected) < 1e-8 * std::max(1.0, std::abs(expected)));
        };
        for (Index i = 0; i < y.size(); ++i) agrees(y_bar.data()[i], y.data()[i]);
        for (Index i = 0; i < theta.size(); ++i) agrees(theta_bar[i], theta[i]);
        for (Index i = 0; i < 4; ++i) agrees(t_bar[i], t[i]);
        CHECK((t_bar.array() == 1).all() != time_input);

        // Without parameters asked for the rest is the same.
        Matrix<double> again = Matrix<double>::Ones(4, 4);
        Vector<double> none;
        field.vjp(t, y, a, again, none, t_bar);
        CHECK(again == y_bar);
      }
    }
  }
}

TEST_CASE("flow field: a sample's probes follow it when columns are selected") {
  for (const Trace trace : all_traces) {
    CAPTURE(static_cast<int>(trace));
    NetworkFlow flow(trace, 2);
    Rng rng(4);
    flow.field.draw_probes(6, rng);
    const Matrix<double> y = normal_matrix(3, 6, rng), a = normal_matrix(3, 6, rng);
    const Vector<double> t = Vector<double>::Constant(6, 0.3);
    Matrix<double> dy(3, 6), y_bar = Matrix<double>::Zero(3, 6);
    Vector<double> none, t_bar = Vector<double>::Zero(6);
    flow.field.eval(t, y, dy);
    flow.field.vjp(t, y, a, y_bar, none, t_bar);

    const std::vector<int> samples{4, 1, 5};
    const auto chosen = [&](const Matrix<double>& all) {
      Matrix<double> part(3, 3);
      for (int k = 0; k < 3; ++k) part.col(k) = all.col(samples[static_cast<std::size_t>(k)]);
      return part;
    };
    flow.field.select(samples);
    Matrix<double> few(3, 3), few_bar = Matrix<double>::Zero(3, 3);
    flow.field.eval(t.head(3), chosen(y), few);
    flow.field.vjp(t.head(3), chosen(y), chosen(a), few_bar, none, t_bar.head(3));
    CHECK(few == chosen(dy));
    CHECK(few_bar == chosen(y_bar));

    // New probes, here the same ones: again samples in order.
    Rng again(4);
    flow.field.draw_probes(6, again);
    Matrix<double> renewed(3, 6);
    flow.field.eval(t, y, renewed);
    CHECK(renewed == dy);
    flow.field.draw_probes(6, again);
    flow.field.eval(t, y, renewed);
    CHECK(renewed.topRows(2) == dy.topRows(2));
    CHECK((renewed.row(2) == dy.row(2)) == (trace == Trace::exact));
  }
}

TEST_CASE("flow field: an estimated trace is the mean of e^T J e over the sample's probes e") {
  NetworkFlow flow(Trace::gaussian, 2);
  MlpField<double> plain(network(2, true, Activation::tanh), true);
  plain.bind(flow.theta.data());
  Rng points(17), rng(18), again(18);
  const Matrix<double> y = normal_matrix(3, 4, points);
  const Vector<double> t = Vector<double>::LinSpaced(4, 0, 1);
  Matrix<double> dy(3, 4), jacobian(2, 8);
  flow.field.draw_probes(4, rng);
  flow.field.eval(t, y, dy);
  plain.jacobian(t, y.topRows(2), jacobian);
  for (Index s = 0; s < 4; ++s) {
    double sum = 0;
    for (int k = 0; k < 2; ++k) {
      const Vector<double> e = normal_matrix(2, 1, again);
      sum += e.dot(jacobian.middleCols(2 * s, 2) * e);
    }
    CHECK(dy(2, s) == doctest::Approx(-sum / 2).epsilon(1e-12));
  }
}

TEST_CASE("flow field: the first samples have the same probes in a larger batch") {
  NetworkFlow flow(Trace::gaussian, 3);
  Rng rng(5), again(5), points(6);
  const Matrix<double> y = normal_matrix(3, 5, points);
  const Vector<double> t = Vector<double>::Zero(5);
  Matrix<double> alone(3, 1), together(3, 5);
  flow.field.draw_probes(1, rng);
  flow.field.eval(t.head(1), y.leftCols(1), alone);
  flow.field.draw_probes(5, again);
  flow.field.eval(t, y, together);
  CHECK(together.col(0) == alone);
}

TEST_CASE("flow field: float agrees with double to the accuracy of float") {
  for (const Trace trace : all_traces) {
    NetworkFlow exact(trace);
    FlowField<float> single(network(2, true, Activation::tanh), true, trace);
    const Vector<float> theta = exact.theta.cast<float>();
    single.bind(theta.data());
    Rng rng(8), again(8), points(9);
    exact.field.draw_probes(5, rng);
    single.draw_probes(5, again);
    const Matrix<double> y = normal_matrix(3, 5, points);
    const Matrix<float> y_single = y.cast<float>();
    const Vector<double> t = Vector<double>::Constant(5, 0.7);
    Matrix<double> dy(3, 5);
    Matrix<float> dy_single(3, 5);
    exact.field.eval(t, y, dy);
    single.eval(t, y_single, dy_single);
    CHECK((dy_single.cast<double>() - dy).cwiseAbs().maxCoeff() < 1e-5);
  }
}

TEST_CASE("flow field: allocates nothing after warm-up") {
  for (const Trace trace : all_traces) {
    NetworkFlow flow(trace, 4);
    Rng rng(10);
    flow.field.reserve(20);
    flow.field.draw_probes(20, rng);
    const Matrix<double> y = normal_matrix(3, 20, rng), a = normal_matrix(3, 20, rng);
    const Vector<double> t = Vector<double>::Zero(20);
    const std::vector<int> samples{7, 8, 19};
    Matrix<double> out(3, 20);
    Vector<double> theta_bar = Vector<double>::Zero(flow.theta.size()), t_bar = t;
    // The kernels' own scratch comes with the first call.
    flow.field.vjp(t, y, a, out, theta_bar, t_bar);
    const long before = testing::allocation_count();
    flow.field.eval(t, y, out);
    flow.field.vjp(t, y, a, out, theta_bar, t_bar);
    flow.field.select(samples);
    flow.field.eval(t.head(3), y.leftCols(3), out.leftCols(3));
    flow.field.draw_probes(20, rng);
    CHECK(testing::allocation_count() == before);
  }
}

TEST_CASE("flow field: only relu cannot train a trace") {
  CHECK_FALSE(find_layer_without_curvature(network(2, true, Activation::elu)));
  CHECK(find_layer_without_curvature(network(2, true, Activation::relu)) == std::size_t{0});
  const std::vector<LayerSpec> second{{2, 3, Activation::tanh}, {3, 2, Activation::relu}};
  CHECK(find_layer_without_curvature(second) == std::size_t{1});
}

TEST_CASE("flow: a linear field changes every log density by minus its trace") {
  Matrix<double> a(2, 2);
  a << 0.3, -1, 1, 0.1;
  LinearFlow flow(a);
  Rng rng(11);
  const Matrix<double> start = normal_matrix(2, 20, rng);
  for (const double t1 : {1.0, -1.0}) {
    const Matrix<double> end = carry(flow.field, start, 0, t1, options_of("dopri5", 1e-9));
    CHECK((end.row(2).array() + 0.4 * t1).abs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("flow: contraction turns a standard normal into the narrower normal") {
  LinearFlow flow(-Matrix<double>::Identity(2, 2));
  const double t1 = 1, step = 0.05;
  const Matrix<double> x = grid(3, step);
  const Vector<double> found = log_density(flow.field, x, t1, options_of("dopri5", 1e-7));
  const double spread = std::exp(-2 * t1);  // the variance of each coordinate
  const double pi = std::acos(-1.0);
  double total = 0, worst = 0;
  for (Index i = 0; i < x.cols(); ++i) {
    const double expected = -x.col(i).squaredNorm() / (2 * spread) - std::log(2 * pi * spread);
    worst = std::max(worst, std::abs(found[i] - expected) / std::max(1.0, std::abs(expected)));
    total += step * step * std::exp(found[i]);
  }
  CHECK(worst < 1e-5);
  CHECK(std::abs(total - 1) < 1e-3);
}

TEST_CASE("flow: the density of a network integrates to one") {
  NetworkFlow flow(Trace::exact);
  const double step = 0.15;
  const Matrix<double> x = grid(9, step);
  const Vector<double> found = log_density(flow.field, x, 1, options_of("rk4", 0, 0.1));
  CHECK(std::abs(step * step * found.array().exp().sum() - 1) < 1e-3);
}

TEST_CASE("flow: there and back again is ten tolerances at most") {
  NetworkFlow flow(Trace::exact);
  Rng rng(12);
  const double tolerance = 1e-6;
  const Matrix<double> x = normal_matrix(2, 50, rng);
  for (const char* method : {"dopri5", "tsit5"}) {
    const SolverOptions options = options_of(method, tolerance);
    const Matrix<double> z = carry(flow.field, x, 1, 0, options);
    const Matrix<double> back = carry(flow.field, z, 0, 1, options);
    CHECK((back.topRows(2) - x).cwiseAbs().maxCoeff() < 10 * tolerance);
    CHECK(back.row(2).cwiseAbs().maxCoeff() < 10 * tolerance);
    CHECK((z.topRows(2) - x).cwiseAbs().maxCoeff() > 0.1);
  }
}

TEST_CASE("flow: the variance of Hutchinson's estimate is that of the formulas") {
  constexpr Index draws = 200000;
  Matrix<double> a(3, 3);
  a << 0.5, 1.2, -0.7, 0.4, -1, 0.3, 0.9, 1.1, 0.8;
  const Matrix<double> s = (a + a.transpose()) / 2;
  const double all = 2 * s.squaredNorm(), off_diagonal = all - 2 * s.diagonal().squaredNorm();
  const Matrix<double> y = Matrix<double>::Zero(4, draws);
  const Vector<double> t = Vector<double>::Zero(draws);
  Matrix<double> dy(4, draws);
  for (const int probes : {1, 3}) {
    for (const Trace trace : {Trace::rademacher, Trace::gaussian}) {
      CAPTURE(probes);
      LinearFlow flow(a, trace, probes);
      Rng rng(13);
      flow.field.draw_probes(draws, rng);
      flow.field.eval(t, y, dy);
      const Vector<double> estimate = -dy.row(3).transpose();
      const double expected = (trace == Trace::gaussian ? all : off_diagonal) / probes;
      CHECK(std::abs(mean(estimate) - a.trace()) < 3 * std::sqrt(expected / draws));
      CHECK(variance(estimate) == doctest::Approx(expected).epsilon(0.02));
    }
  }
  const Matrix<double> diagonal = a.diagonal().asDiagonal();
  LinearFlow flow(diagonal, Trace::rademacher);
  Rng rng(14);
  flow.field.draw_probes(draws, rng);
  flow.field.eval(t, y, dy);
  CHECK((dy.row(3).array() + a.trace()).abs().maxCoeff() < 1e-15);
}

TEST_CASE("flow: the mean likelihood by Hutchinson's estimate is the exact one") {
  constexpr Index draws = 4000;
  const SolverOptions options = options_of("rk4", 0, 0.1);
  const Matrix<double> x = Vector<double>::Constant(2, 0.8).replicate(1, draws);
  NetworkFlow exact(Trace::exact);
  const double expected = log_density(exact.field, x.leftCols(1), 1, options)[0];
  for (const Trace trace : {Trace::rademacher, Trace::gaussian}) {
    for (const int probes : {1, 3}) {
      NetworkFlow flow(trace, probes);
      Rng rng(15);
      flow.field.draw_probes(draws, rng);
      const Vector<double> estimate = log_density(flow.field, x, 1, options);
      const double sigma = std::sqrt(variance(estimate) / draws);
      CHECK(sigma > 1e-4);
      CHECK(std::abs(mean(estimate) - expected) < 3 * sigma);
    }
  }
}

TEST_CASE("flow likelihood: the cotangent of the loss matches finite differences") {
  Rng rng(16);
  Matrix<double> end = normal_matrix(3, 4, rng), end_bar(3, 4), unused(3, 4);
  const double loss = negative_log_likelihood<double>(end, end_bar);
  Vector<double> log_prob(4);
  log_likelihood<double>(end, log_prob);
  CHECK(loss == doctest::Approx(-mean(log_prob)));
  for (Index i = 0; i < end.size(); ++i) {
    const auto value = [&] { return negative_log_likelihood<double>(end, unused); };
    CHECK(end_bar.data()[i] ==
          doctest::Approx(testing::central_difference(value, end.data()[i], 1e-3)).epsilon(1e-9));
  }
}
