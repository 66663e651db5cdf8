// What the gradient strategies hold and cost, measured.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/analysis/gradient_cost.h"
#include "engine/fields/systems.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

constexpr int counts[] = {100, 1000, 10000};

std::vector<GradientCost> costs(const char* system, double t1, const char* strategy,
                                int checkpoints = 0) {
  const System& row = *find_system(system);
  const auto field = row.make();
  const Vector<double> y0 = Eigen::Map<const Vector<double>>(row.y0.data(), row.dim);
  return measure_gradient_cost(*field, y0, t1, *find_method("rk4"), *find_gradient(strategy),
                               {.checkpoints = checkpoints}, counts);
}

}  // namespace

TEST_CASE("gradient cost: backsolve holds the same whatever the steps, the others grow with them") {
  constexpr std::size_t state = 2 * sizeof(double);
  // Of a step on the tape.
  constexpr std::size_t schedule =
      sizeof(std::size_t) + sizeof(void*) + 2 * sizeof(int) + 2 * sizeof(double);
  const auto backsolve = costs("van_der_pol", 5, "backsolve");
  const auto all = costs("van_der_pol", 5, "discrete");
  const auto few = costs("van_der_pol", 5, "discrete", 10);
  const auto interpolated = costs("van_der_pol", 5, "interpolated");
  for (std::size_t i = 0; i < 3; ++i) {
    for (const auto* curve : {&backsolve, &all, &few, &interpolated})
      REQUIRE((*curve)[i].status == SolveStatus::ok);
    CHECK(backsolve[i].bytes == backsolve[0].bytes);
    if (i == 0) continue;
    const auto more = static_cast<std::size_t>(counts[i] - counts[i - 1]);
    CHECK(all[i].bytes - all[i - 1].bytes == more * (state + schedule));
    CHECK(few[i].bytes - few[i - 1].bytes == more * schedule);
    CHECK(interpolated[i].bytes - interpolated[i - 1].bytes >= more * 4 * state);
  }
  const auto more_few = costs("van_der_pol", 5, "discrete", 50);
  CHECK(more_few[2].bytes - few[2].bytes == 40 * state);
}

TEST_CASE("gradient cost: rk4 takes back a step with three evaluations and four products") {
  const auto all = costs("van_der_pol", 5, "discrete");
  const auto few = costs("van_der_pol", 5, "discrete", 10);
  const auto backsolve = costs("van_der_pol", 5, "backsolve");
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(all[i].nfe_backward == 3 * counts[i]);
    CHECK(all[i].nvjp == 4 * counts[i]);
    CHECK(all[i].error == 0);
    CHECK(few[i].nfe_backward > all[i].nfe_backward);
    CHECK(few[i].nvjp == all[i].nvjp);
    CHECK(few[i].error == 0);
    CHECK(backsolve[i].nfe_backward == 4 * counts[i]);
    // Four of the adjoint's slopes, and four of theta's quadrature.
    CHECK(backsolve[i].nvjp == 8 * counts[i]);
  }
  CHECK(backsolve[0].error > backsolve[2].error);
  CHECK(backsolve[2].error < 1e-9);
}

TEST_CASE("gradient cost: where the way back is unstable the error shows it, or the failure") {
  const auto interpolated = costs("lorenz", 3, "interpolated");
  const auto backsolve = costs("lorenz", 3, "backsolve");
  CHECK(interpolated[2].error < 1e-9);
  CHECK(backsolve[0].status == SolveStatus::non_finite);
  REQUIRE(backsolve[2].status == SolveStatus::ok);
  CHECK(backsolve[2].error > 1);
}
