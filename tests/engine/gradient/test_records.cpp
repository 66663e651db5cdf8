// What evaluations leave for their reverse, kept by the forward solve for the discrete adjoint.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/mlp_field.h"
#include "engine/gradient/gradient.h"
#include "tests/support/gradient_case.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// A small network that depends on time, some samples of which take far more steps than others.
template <class Scalar>
struct Batch {
  static constexpr Index size = 7;

  MlpField<Scalar> field{mlp_layers(4, 9, 2, 3, Activation::softplus), true};
  Vector<Scalar> theta{field.parameter_count()};
  Matrix<Scalar> y0{3, size};
  Matrix<double> times{5, 1};
  std::vector<Matrix<Scalar>> bars;

  Batch() {
    Rng rng(3);
    field.mlp().initialize(rng, false, theta);
    theta *= 3;
    field.bind(theta.data());
    for (Index i = 0; i < y0.size(); ++i) {
      y0.data()[i] = static_cast<Scalar>(rng.normal() * (1 + static_cast<double>(i) / 3));
    }
    times << 0, 0.3, 0.35, 1.1, 2;
    for (Index i = 0; i < times.rows(); ++i) {
      Matrix<Scalar> bar(3, size);
      for (Index k = 0; k < bar.size(); ++k) bar.data()[k] = static_cast<Scalar>(rng.normal());
      bars.push_back(bar);
    }
  }

  std::unique_ptr<Gradient<Scalar>> gradient(const SolverOptions& options, std::size_t bytes,
                                             bool times_wanted = false) {
    GradientOptions kept{.times = times_wanted};
    kept.record_bytes = bytes;
    auto result = make_discrete<Scalar>(options, kept);
    const SolveReport forward = result->forward(field, y0, times);
    REQUIRE(forward.succeeded());
    rejected = forward.rejected;
    REQUIRE(result->backward(field, bars).succeeded());
    return result;
  }
  Count rejected = 0;  // in the last forward
};

}  // namespace

TEST_CASE_TEMPLATE("records: a gradient is to the bit the one whose evaluations are repeated",
                   Scalar, float, double) {
  Batch<Scalar> batch;
  Count rejected = 0;
  for (const ButcherTableau* method : methods()) {
    for (const bool adaptive : {false, true}) {
      if (method->implicit() || method->partitioned || (adaptive && !method->adaptive())) continue;
      CAPTURE(std::string(method->name));
      CAPTURE(adaptive);
      const SolverOptions options =
          adaptive ? adaptive_options(*method, 1e-3, 1e-3) : fixed_options(*method, 0.02);
      const auto repeated = batch.gradient(options, 0);
      rejected += batch.rejected;
      // All of it, and as much as fits into 100 kB: the first steps.
      for (const std::size_t bytes : {std::size_t{64} << 20U, std::size_t{100'000}}) {
        CAPTURE(bytes);
        const auto kept = batch.gradient(options, bytes);
        CHECK(kept->theta_bar() == repeated->theta_bar());
        CHECK(kept->y0_bar() == repeated->y0_bar());
        CHECK(kept->nvjp() == repeated->nvjp());
        CHECK(kept->state_bytes() <= repeated->state_bytes() + bytes + 10'000);
      }
    }
  }
  CHECK(rejected > 50);  // or the columns of a rejected step were not put to the test
}

TEST_CASE("records: nothing is evaluated again while they fit, and the rest when they do not") {
  Batch<double> batch;
  const SolverOptions options = fixed_options(*find_method("rk4"), 0.02);
  const auto repeated = batch.gradient(options, 0), kept = batch.gradient(options, 64 << 20);
  CHECK(repeated->nfe_backward() == 3 * 101);  // 15 + 3 + 38 + 45 steps
  CHECK(kept->nfe_backward() == 0);
  // [y; t], twice 9 values and 9 slopes for each of 7 samples and 4 stages.
  const std::size_t step = (4 + 2 * 18) * 7 * 4 * sizeof(double);
  const auto some = batch.gradient(options, 60 * step + 1);
  CHECK(some->nfe_backward() == 3 * 41);
  CHECK(some->state_bytes() < kept->state_bytes() - 40 * step);
}

TEST_CASE("records: with gradients of fixed steps' times the stages are evaluated again") {
  Batch<double> batch;
  const SolverOptions options = fixed_options(*find_method("dopri5"), 0.05);
  const auto with_times = batch.gradient(options, 64 << 20, true);
  CHECK(with_times->nfe_backward() > 0);
  CHECK(with_times->theta_bar() == batch.gradient(options, 64 << 20)->theta_bar());
}

TEST_CASE("records: a network pulled back from an older record knows nothing of calls since") {
  Rng rng(5);
  Mlp<double> mlp(mlp_layers(3, 8, 2, 2, Activation::silu));
  Vector<double> theta(mlp.layout().size());
  mlp.initialize(rng, false, theta);
  for (const int tangents : {0, 2}) {
    CAPTURE(tangents);
    const Index columns = 4 * (tangents + 1);
    const Matrix<double> x = Matrix<double>::Random(3, columns),
                         other = Matrix<double>::Random(3, 6 * (tangents + 1)),
                         bar = Matrix<double>::Random(2, columns);
    Matrix<double> record(mlp.record_rows(tangents), columns), x_bar(3, columns),
        expected(3, columns);
    Vector<double> theta_bar = Vector<double>::Zero(theta.size()), expected_theta = theta_bar;
    const Matrix<double> y = mlp.forward(theta, x, tangents);
    mlp.pullback(theta, bar, expected, expected_theta);

    CHECK(mlp.forward(theta, x, tangents, record) == y);
    mlp.forward(theta, other, tangents);
    mlp.evaluate(theta, other);
    mlp.pullback(theta, record, tangents, bar, x_bar, theta_bar);
    CHECK(x_bar == expected);
    CHECK(theta_bar == expected_theta);
  }
}
