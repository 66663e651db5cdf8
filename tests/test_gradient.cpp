#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "tests/support/fields.h"

using namespace neural_ode;

namespace {

Matrix<double> column(std::initializer_list<double> list) {
  Matrix<double> values(static_cast<Index>(list.size()), 1);
  Index row = 0;
  for (const double value : list) values(row++, 0) = value;
  return values;
}

SolverOptions adaptive(const char* method, double tolerance) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = options.atol = tolerance;
  return options;
}

SolverOptions fixed(const ButcherTableau* method, double step_size) {
  SolverOptions options;
  options.method = method;
  options.fixed = true;
  options.step_size = step_size;
  return options;
}

// A planar field that depends on time, 3 samples, 4 times of their own each, and a loss that is
// linear in the states with random weights: everything that the gradient can depend on.
struct Case {
  PowerField field{(Matrix<double>(2, 2) << -0.3, 0.8, -0.9, -0.2).finished(), 3,
                   (Vector<double>(2) << 0.4, -0.3).finished()};
  Matrix<double> y0{2, 3}, times{4, 3};
  std::vector<Matrix<double>> weights;

  Case() {
    Rng rng(11);
    for (Index i = 0; i < y0.size(); ++i) y0.data()[i] = rng.uniform(-1.2, 1.2);
    for (Index s = 0; s < 3; ++s) {
      for (Index i = 0; i < 4; ++i)
        times(i, s) = 0.5 * static_cast<double>(i) + rng.uniform(0, 0.4);
    }
    for (int i = 0; i < 4; ++i) {
      weights.emplace_back(2, 3);
      for (Index j = 0; j < 6; ++j) weights.back().data()[j] = rng.normal();
    }
  }

  double loss(const SolverOptions& options) {
    Solver<double> solver(options);
    REQUIRE(solver.solve(field, y0, times).status == SolveStatus::ok);
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sum += (solver.states()[i].array() * weights[i].array()).sum();
    }
    return sum;
  }

  // Fourth-order central difference with respect to x.
  double difference(const SolverOptions& options, double& x, double h = 2e-3) {
    const double middle = x;
    double value[4];
    const double shifts[] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; ++i) {
      x = middle + shifts[i] * h;
      value[i] = loss(options);
    }
    x = middle;
    return (value[0] - 8 * value[1] + 8 * value[2] - value[3]) / (12 * h);
  }
};

}  // namespace

TEST_CASE(
    "discrete adjoint: matches finite differences of the same fixed steps for every tableau") {
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    const SolverOptions options = fixed(method, 0.11);
    Case c;
    const auto gradient = make_discrete<double>(options);
    REQUIRE(gradient->forward(c.field, c.y0, c.times).status == SolveStatus::ok);
    REQUIRE(gradient->backward(c.field, c.weights).status == SolveStatus::ok);
    const double scale = gradient->theta_bar().norm();
    for (Index i = 0; i < c.y0.size(); ++i) {
      const double exact = c.difference(options, c.y0.data()[i]);
      CHECK(std::abs(gradient->y0_bar().data()[i] - exact) < 1e-8 * scale);
    }
    for (Index i = 0; i < 4; ++i) {
      const double exact = c.difference(options, c.field.a.data()[i]);
      CHECK(std::abs(gradient->theta_bar()[i] - exact) < 1e-8 * scale);
    }
    for (Index i = 0; i < 2; ++i) {
      const double exact = c.difference(options, c.field.b[i]);
      CHECK(std::abs(gradient->theta_bar()[4 + i] - exact) < 1e-8 * scale);
    }
    // Small enough not to change the number of steps.
    for (Index i = 0; i < c.times.size(); ++i) {
      const double exact = c.difference(options, c.times.data()[i], 5e-4);
      CHECK(std::abs(gradient->times_bar().data()[i] - exact) < 1e-8 * scale);
    }
  }
}

TEST_CASE(
    "discrete adjoint: adaptive gradients with outputs inside the steps match finite differences") {
  for (const char* method : {"dopri5", "tsit5"}) {
    CAPTURE(std::string(method));
    const SolverOptions options = adaptive(method, 1e-12);
    Case c;
    const auto gradient = make_discrete<double>(options);
    REQUIRE(gradient->forward(c.field, c.y0, c.times).status == SolveStatus::ok);
    REQUIRE(gradient->backward(c.field, c.weights).status == SolveStatus::ok);
    for (Index i = 0; i < c.y0.size(); ++i) {
      CHECK(gradient->y0_bar().data()[i] ==
            doctest::Approx(c.difference(options, c.y0.data()[i])).epsilon(1e-7));
    }
    for (Index i = 0; i < 4; ++i) {
      CHECK(gradient->theta_bar()[i] ==
            doctest::Approx(c.difference(options, c.field.a.data()[i])).epsilon(1e-7));
    }
    for (Index i = 0; i < c.times.size(); ++i) {
      CHECK(gradient->times_bar().data()[i] ==
            doctest::Approx(c.difference(options, c.times.data()[i])).epsilon(1e-7));
    }
  }
}

TEST_CASE("discrete adjoint: one linear step transposes exactly (dot-product test)") {
  // The solve of a linear field is linear in y0: <w, S v> = <S^T w, v>.
  Rng rng(5);
  Matrix<double> a(4, 4);
  for (Index i = 0; i < 16; ++i) a.data()[i] = 0.5 * rng.normal();
  PowerField field(a);
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    Matrix<double> v(4, 2), w(4, 2);
    for (Index i = 0; i < 8; ++i) {
      v.data()[i] = rng.normal();
      w.data()[i] = rng.normal();
    }
    const auto gradient = make_discrete<double>(fixed(method, 0.1));
    gradient->forward(field, v, column({0, 1}));
    const double forward = (w.array() * gradient->states()[1].array()).sum();
    gradient->backward(field, {Matrix<double>::Zero(4, 2), w});
    const double reverse = (gradient->y0_bar().array() * v.array()).sum();
    CHECK(std::abs(forward - reverse) < 1e-13 * std::max(1.0, std::abs(forward)));
  }
}

TEST_CASE(
    "discrete adjoint: the damped rotation has its published gradients, whatever times are saved") {
  PowerField field((Matrix<double>(2, 2) << 0.1, -1, 1, -0.1).finished());
  for (const char* method : {"dopri5", "tsit5"}) {
    for (const Matrix<double>& times : {column({0.3, 9.5}), column({0.3, 0.31, 4, 4.01, 9, 9.5})}) {
      for (const Index batch : {1, 3}) {
        const auto gradient = make_discrete<double>(adaptive(method, 1e-12));
        const Matrix<double> y0 = column({0.9, 5.4}).replicate(1, batch);
        gradient->forward(field, y0, times);
        std::vector<Matrix<double>> bars(static_cast<std::size_t>(times.rows()),
                                         Matrix<double>::Zero(2, batch));
        bars.back().setOnes();
        REQUIRE(gradient->backward(field, bars).status == SolveStatus::ok);
        const Matrix<double>& y = gradient->states().back();
        CHECK((y.col(batch - 1) - column({-2.295253432998, -5.106255145280})).norm() < 1e-9);
        CHECK((gradient->y0_bar().col(0) - column({-0.6676975398005, -1.259366813418})).norm() <
              1e-9);
        const Vector<double> a_bar = gradient->theta_bar().head(4) / static_cast<double>(batch);
        CHECK((a_bar - column({-36.15602511588, 15.28174005332, -13.58741440614, -31.93785380429}))
                  .norm() < 1e-7);
      }
    }
  }
}

TEST_CASE("discrete adjoint: the cubic spiral has its published gradients") {
  // y' = A^T y^3 with A = [-.1 2; -2 -.1]; the published dL/dA is transposed with it.
  PowerField field((Matrix<double>(2, 2) << -0.1, -2, 2, -0.1).finished(), 3);
  for (const char* method : {"dopri5", "tsit5"}) {
    const auto gradient = make_discrete<double>(adaptive(method, 1e-12));
    gradient->forward(field, column({2, 0}), column({0, 1}));
    REQUIRE(gradient->backward(field, {Matrix<double>::Zero(2, 1), Matrix<double>::Ones(2, 1)})
                .status == SolveStatus::ok);
    CHECK((gradient->states()[1] - column({0.709261743253, -1.504108457840})).norm() < 1e-9);
    CHECK((gradient->y0_bar() - column({7.426385508954, 0.860307329588})).norm() < 1e-8);
    CHECK((gradient->theta_bar().head(4) -
           column({10.55882983735, 3.270801859689, -1.684767958005, 10.31447785406}))
              .norm() < 1e-7);
  }
}

TEST_CASE("discrete adjoint: time gradients of an autonomous field sum to zero") {
  PowerField field((Matrix<double>(2, 2) << -0.3, 0.8, -0.9, -0.2).finished(), 3);
  for (const SolverOptions& options :
       {adaptive("dopri5", 1e-11), adaptive("tsit5", 1e-11), fixed(find_method("rk4"), 0.05)}) {
    Case c;
    const auto gradient = make_discrete<double>(options);
    gradient->forward(field, c.y0, c.times);
    gradient->backward(field, c.weights);
    for (Index s = 0; s < 3; ++s) {
      CHECK(std::abs(gradient->times_bar().col(s).sum()) < 1e-8);
      CHECK(gradient->times_bar().col(s).norm() > 0.01);
    }
    // One column of shared times gets the sum over samples.
    const Matrix<double> shared = c.times.col(0);
    gradient->forward(field, c.y0, shared);
    gradient->backward(field, c.weights);
    const Matrix<double> together = gradient->times_bar();
    gradient->forward(field, c.y0, shared.replicate(1, 3));
    gradient->backward(field, c.weights);
    CHECK((together - gradient->times_bar().rowwise().sum()).norm() < 1e-12);
  }
}

TEST_CASE("discrete adjoint: a parameter that is not used gets exactly zero") {
  PowerField field((Matrix<double>(2, 2) << -0.5, 0, 0, 0.3).finished());
  const auto gradient = make_discrete<double>(adaptive("dopri5", 1e-8));
  gradient->forward(field, column({1, 2}), column({0, 1}));
  gradient->backward(field, {Matrix<double>::Zero(2, 1), column({1, 0})});
  // The second row of A acts on y_2 alone, which the loss does not see.
  CHECK(gradient->theta_bar()[1] == 0);
  CHECK(gradient->theta_bar()[3] == 0);
  CHECK(gradient->y0_bar()(1, 0) == 0);
  CHECK(gradient->theta_bar()[0] != 0);
}

TEST_CASE("discrete adjoint: costs are measured, and times can be left out") {
  Case c;
  const auto with_times = make_discrete<double>(adaptive("dopri5", 1e-8));
  const auto without = make_discrete<double>(adaptive("dopri5", 1e-8), {.times = false});
  for (const auto* gradient : {&with_times, &without}) {
    (*gradient)->forward(c.field, c.y0, c.times);
    CHECK((*gradient)->backward(c.field, c.weights).status == SolveStatus::ok);
  }
  CHECK(without->times_bar().size() == 0);
  CHECK((without->y0_bar().array() == with_times->y0_bar().array()).all());
  CHECK((without->theta_bar().array() == with_times->theta_bar().array()).all());
  CHECK(with_times->nfe_backward() == without->nfe_backward() + 4);
  CHECK(without->nvjp() > without->nfe_backward());
  CHECK(without->state_bytes() > 0);

  const auto rk4 = make_discrete<double>(fixed(find_method("rk4"), 0.1), {.times = false});
  rk4->forward(c.field, c.y0, column({0, 1}));
  rk4->backward(c.field, {c.weights[0], c.weights[1]});
  CHECK(rk4->nvjp() == 40);
  CHECK(rk4->nfe_backward() == 30);
  CHECK(rk4->state_bytes() > 10 * sizeof(double) * 6);
}

TEST_CASE("discrete adjoint: backward without a finished forward is refused") {
  Case c;
  const auto gradient = make_discrete<double>(adaptive("dopri5", 1e-8));
  CHECK(gradient->backward(c.field, c.weights).status == SolveStatus::invalid);
  gradient->forward(c.field, c.y0, c.times);
  c.weights.pop_back();
  CHECK(gradient->backward(c.field, c.weights).status == SolveStatus::invalid);
}
