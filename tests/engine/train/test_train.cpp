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

TEST_CASE("make_optimizer: an unknown name gives nothing") {
  CHECK(make_optimizer<float>("lbfgs", 3) == nullptr);
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
