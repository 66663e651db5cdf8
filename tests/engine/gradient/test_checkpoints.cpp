// The discrete adjoint with fewer states than steps.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/gradient/checkpoints.h"
#include "engine/ode/step_tape.h"
#include "tests/support/gradient_case.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// best[slots][n]: the fewest steps to repeat so that n of them can be taken back from the first
// state with so many further states, over every place where the next one can be kept.
std::vector<std::vector<long>> fewest_repeated_steps(int slots, int steps) {
  std::vector<std::vector<long>> best(static_cast<std::size_t>(slots) + 1);
  for (std::size_t s = 0; s < best.size(); ++s) {
    best[s] = {0, 0};
    for (std::size_t n = 2; n <= static_cast<std::size_t>(steps); ++n) {
      long fewest = static_cast<long>(n * (n - 1) / 2);
      for (std::size_t m = 1; m < n && s > 0; ++m)
        fewest = std::min(fewest, static_cast<long>(m) + best[s - 1][n - m] + best[s][m]);
      best[s].push_back(fewest);
    }
  }
  return best;
}

long repeated_steps(long steps, long slots) {
  if (steps < 2) return 0;
  if (slots == 0) return steps * (steps - 1) / 2;
  const long first = checkpoint_advance(steps, slots);
  return first + repeated_steps(steps - first, slots - 1) + repeated_steps(first, slots);
}

// rk4 over `steps` steps of one interval.
std::unique_ptr<Gradient<double>> runge_kutta(VectorField<double>& field, int steps,
                                              int checkpoints) {
  auto gradient = make_discrete<double>(fixed_options(*find_method("rk4"), 1.0 / steps),
                                        {.times = false, .checkpoints = checkpoints});
  const Matrix<double> y0 = Matrix<double>::Constant(field.dim(), 3, 0.3);
  const Matrix<double> none = Matrix<double>::Zero(field.dim(), 3);
  REQUIRE(gradient->forward(field, y0, column({0, 1})).status == SolveStatus::ok);
  REQUIRE(gradient->backward(field, {none, y0}).status == SolveStatus::ok);
  return gradient;
}

}  // namespace

TEST_CASE("checkpoints: as few steps are repeated as can be") {
  const auto best = fewest_repeated_steps(6, 60);
  for (long slots = 1; slots <= 6; ++slots) {
    for (long steps = 1; steps <= 60; ++steps) {
      CAPTURE(slots);
      CAPTURE(steps);
      CHECK(repeated_steps(steps, slots) ==
            best[static_cast<std::size_t>(slots)][static_cast<std::size_t>(steps)]);
    }
  }
}

TEST_CASE("checkpoints: the adjoint repeats those steps and no others") {
  const auto best = fewest_repeated_steps(7, 60);
  GradientCase problem = forced_swirl();
  for (const int slots : {1, 2, 3, 7}) {
    for (const int steps : {1, 2, 5, 10, 33, 60}) {
      CAPTURE(slots);
      CAPTURE(steps);
      // A step of rk4 is repeated by four evaluations; taken back it needs the first three.
      const long repeated = best[static_cast<std::size_t>(slots)][static_cast<std::size_t>(steps)];
      const auto gradient = runge_kutta(*problem.field, steps, slots);
      CHECK(gradient->nfe_backward() == 3 * steps + 4 * repeated);
      CHECK(gradient->nvjp() == 4 * steps);
    }
  }
}

TEST_CASE("checkpoints: the gradient is the one of all states, whatever is kept") {
  GradientCase cases[] = {forced_swirl(), driven_pendulums()};
  for (const GradientCase& problem : cases) {
    const std::pair<const char*, bool> solves[] = {{"rk4", true},      {"dopri5", false},
                                                   {"abm4", true},     {"leapfrog", true},
                                                   {"kvaerno5", true}, {"kvaerno5", false}};
    for (const auto& solve : solves) {  // clang 14 captures no structured binding
      const char* name = solve.first;
      const bool fixed = solve.second;
      CAPTURE(std::string(name));
      CAPTURE(fixed);
      const ButcherTableau& method = *find_method(name);
      const SolverOptions options =
          fixed ? fixed_options(method, 0.04) : adaptive_options(method, 1e-6, 1e-6);
      // Explicit steps are repeated bit by bit. Newton's iterations begin elsewhere, and those of
      // an adaptive solve end at a part of its tolerance.
      const double bound = !method.implicit() ? 0 : fixed ? 1e-12 : 1e-7;
      const auto all = problem.pulled_back(make_discrete<double>(options));
      for (const int checkpoints : {1, 2, 3, 7}) {
        CAPTURE(checkpoints);
        const auto few =
            problem.pulled_back(make_discrete<double>(options, {.checkpoints = checkpoints}));
        CHECK(few->nfe_backward() > all->nfe_backward());
        const GradientValues expected{all->y0_bar(), all->theta_bar(), all->times_bar()};
        CHECK(relative_error(*few, expected) <= bound);
        CHECK(relative_time_error(*few, expected) <= bound);
      }
    }
  }
}

TEST_CASE("checkpoints: each holds one state of the batch, and a step only when it was") {
  GradientCase problem = driven_pendulums();
  const auto bytes = [&](int steps, int checkpoints) {
    return runge_kutta(*problem.field, steps, checkpoints)->state_bytes();
  };
  constexpr std::size_t state = 4 * 3 * sizeof(double);
  constexpr std::size_t schedule =
      sizeof(std::size_t) + sizeof(void*) + 3 * (2 * sizeof(int) + 2 * sizeof(double));
  CHECK(bytes(200, 7) - bytes(200, 3) == 4 * state);
  CHECK(bytes(200, 3) - bytes(100, 3) == 100 * schedule);
  CHECK(bytes(200, 0) - bytes(100, 0) == 100 * (schedule + state));
}
