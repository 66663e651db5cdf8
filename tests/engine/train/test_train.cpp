#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"

using namespace neural_ode;

namespace {

// theta after each of `steps` updates with the gradients `g` (one number, repeated when they run
// out).
template <class Scalar = double>
double run(std::string_view name, double theta0, std::vector<double> g, int steps, double rate) {
  Vector<Scalar> theta = Vector<Scalar>::Constant(1, Scalar(theta0));
  const auto optimizer = make_optimizer<Scalar>(name, 1);
  for (int i = 0; i < steps; ++i) {
    const Vector<Scalar> theta_bar =
        Vector<Scalar>::Constant(1, Scalar(g[std::size_t(i) % g.size()]));
    optimizer->step(theta, theta_bar, rate);
  }
  return double(theta[0]);
}

}  // namespace

TEST_CASE("sgd: two steps by hand, velocity .9 v + g") {
  // v = 2, then .9 * 2 + 1 = 2.8; theta = 1 - .1 * 2 - .1 * 2.8
  CHECK(run("sgd", 1, {2, 1}, 2, 0.1) == doctest::Approx(0.52).epsilon(1e-14));
}

TEST_CASE("adam: the first step is the learning rate against the sign of the gradient") {
  // m / (1 - b1) = g and sqrt(v / (1 - b2)) = |g|, whatever the size of g.
  CHECK(run("adam", 1, {1e-3}, 1, 0.1) ==
        doctest::Approx(1 - 0.1 * 1e-3 / (1e-3 + 1e-8)).epsilon(1e-12));
  CHECK(run("adam", 1, {-50}, 1, 0.1) == doctest::Approx(1.1).epsilon(1e-9));
}

TEST_CASE("adam: the second step by hand") {
  // g = 1 then 3: m = .9*.1 + .3 = .39, v = .999*.001 + .009 = .009999; corrections .19 and .001999
  const double m = 0.39 / 0.19, v = 0.009999 / 0.001999;
  const double expected = 1 - 0.1 / (1 + 1e-8) - 0.1 * m / (std::sqrt(v) + 1e-8);
  CHECK(run("adam", 1, {1, 3}, 2, 0.1) == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("adamw: decays the parameters apart from the gradient") {
  CHECK(run("adamw", 2, {0}, 3, 0.1) ==
        doctest::Approx(2 * std::pow(1 - 0.1 * 1e-2, 3)).epsilon(1e-14));
  CHECK(run("adam", 2, {0}, 3, 0.1) == 2);
}

TEST_CASE("rmsprop: two steps by hand, s = .99 s + .01 g^2") {
  const double s1 = 0.01 * 4, s2 = 0.99 * s1 + 0.01;
  const double expected = 1 - 0.1 * 2 / (std::sqrt(s1) + 1e-8) - 0.1 / (std::sqrt(s2) + 1e-8);
  CHECK(run("rmsprop", 1, {2, 1}, 2, 0.1) == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE_TEMPLATE("every optimiser: finds the minimum of a badly scaled quadratic", Scalar, float,
                   double) {
  for (const std::string_view name : optimizer_names()) {
    CAPTURE(std::string(name));
    Vector<Scalar> theta(2), scale(2);
    theta << 1, -2;
    scale << 1, Scalar(0.1);
    const auto optimizer = make_optimizer<Scalar>(name, 2);
    for (int i = 0; i < 2000; ++i) {
      const Vector<Scalar> theta_bar = scale.cwiseProduct(theta);
      optimizer->step(theta, theta_bar, 0.05 * schedule_factor("cosine", i, 2000));
    }
    CHECK(std::abs(theta[0]) < 1e-2);
    CHECK(std::abs(theta[1]) < 1e-2);
  }
}

TEST_CASE("every optimiser: restored moments continue to the bit") {
  for (const std::string_view name : optimizer_names()) {
    CAPTURE(std::string(name));
    const auto gradient = [](int i) {
      return Vector<float>::Constant(3, 0.3f + 0.1f * float(i)).eval();
    };
    Vector<float> theta = Vector<float>::Constant(3, 1.0f);
    const auto first = make_optimizer<float>(name, 3);
    for (int i = 0; i < 5; ++i) first->step(theta, gradient(i), 0.01);
    Vector<float> resumed = theta;
    const auto second = make_optimizer<float>(name, 3);
    second->restore(first->moments(), first->steps());
    for (int i = 5; i < 9; ++i) {
      first->step(theta, gradient(i), 0.01);
      second->step(resumed, gradient(i), 0.01);
    }
    CHECK(theta == resumed);
    CHECK(second->steps() == 9);
  }
}

TEST_CASE("make_optimizer: an unknown name gives nothing, and what was meant is said") {
  CHECK(make_optimizer<float>("lbfgs", 3) == nullptr);
  CHECK(validate_optimizer("adam").error().empty());
  CHECK(validate_optimizer("adamv").error() ==
        "unknown optimiser 'adamv'; there are: sgd, adam, adamw, rmsprop; did you mean 'adam'?");
}

TEST_CASE("make_optimizer: options take the place of the defaults, and only they") {
  // theta after one step from 1 with the gradient 2 at the rate 0.1, and one more.
  const auto two_steps = [](std::string_view name, const OptimizerOptions& options) {
    const auto optimizer = make_optimizer<double>(name, 1, options);
    REQUIRE(optimizer != nullptr);
    Vector<double> theta = Vector<double>::Constant(1, 1.0), g = Vector<double>::Constant(1, 2.0);
    optimizer->step(theta, g, 0.1);
    optimizer->step(theta, g, 0.1);
    return theta[0];
  };
  CHECK(two_steps("sgd", {.momentum = 0.5}) == doctest::Approx(1 - 0.1 * 2 - 0.1 * 3));
  CHECK(two_steps("rmsprop", {.beta2 = 0}) == doctest::Approx(1 - 0.1 - 0.1));
  CHECK(two_steps("adam", {.epsilon = 2}) == doctest::Approx(1 - 2 * 0.1 * 2 / (2 + 2.0)));
  // Without memory Adam is the sign of the gradient; AdamW decays the parameters before it.
  CHECK(two_steps("adamw", {.beta1 = 0, .beta2 = 0, .weight_decay = 0.5}) ==
        doctest::Approx((0.95 - 0.1) * 0.95 - 0.1));
  CHECK(two_steps("adamw", {}) == two_steps("adamw", *optimizer_defaults("adamw")));
  CHECK(*optimizer_defaults("adamw")->weight_decay == 1e-2);
  CHECK_FALSE(optimizer_defaults("adam")->weight_decay);
  CHECK(optimizer_defaults("lbfgs") == nullptr);
}

TEST_CASE(
    "make_optimizer: an option that an optimiser does not have, or out of range, is refused") {
  CHECK(make_optimizer<float>("sgd", 3, {.beta1 = 0.9}) == nullptr);
  CHECK(validate_optimizer("sgd", {.beta1 = 0.9}).error() ==
        "beta1: expected an option of sgd: momentum");
  CHECK(validate_optimizer("adam", {.weight_decay = 0.1}).error() ==
        "weight_decay: expected an option of adam: beta1, beta2, epsilon");
  CHECK(validate_optimizer("adam", {.beta2 = 1}).error() == "beta2: expected a number in [0, 1)");
  CHECK(validate_optimizer("rmsprop", {.epsilon = 0}).error() ==
        "epsilon: expected a finite number > 0");
  CHECK(make_optimizer<double>("adam", 3, {.beta2 = std::nan("")}) == nullptr);
}

TEST_CASE("clip_by_norm: shortens to the limit, keeps the direction, only measures at 0") {
  Vector<double> g(2);
  g << 3, 4;
  CHECK(clip_by_norm<double>(g, 0) == 5);
  CHECK(g[0] == 3);
  CHECK(clip_by_norm<double>(g, 10) == 5);
  CHECK(g[1] == 4);
  CHECK(clip_by_norm<double>(g, 1) == 5);
  CHECK(g[0] == doctest::Approx(0.6));
  CHECK(g[1] == doctest::Approx(0.8));
}

TEST_CASE("schedules: constant stays, cosine falls from 1 through 1/2 to 0 and stays there") {
  CHECK(schedule_factor("constant", 7, 10) == 1);
  CHECK(schedule_factor("cosine", 0, 10) == 1);
  CHECK(schedule_factor("cosine", 5, 10) == doctest::Approx(0.5).epsilon(1e-15));
  CHECK(schedule_factor("cosine", 1, 3) == doctest::Approx(0.75).epsilon(1e-15));
  CHECK(std::abs(schedule_factor("cosine", 10, 10)) < 1e-15);
  CHECK(schedule_factor("cosine", 99, 10) == schedule_factor("cosine", 10, 10));
}
