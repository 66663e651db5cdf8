// What is known of the methods: stability, and the page about them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/analysis/stability.h"
#include "engine/core/rng.h"
#include "engine/ode/controller.h"
#include "engine/ode/solver.h"
#include "engine/ode/tableau.h"
#include "tests/support/fields.h"

using namespace neural_ode;

namespace {

using Complex = std::complex<double>;

const std::string root = NEURAL_ODE_SOURCE_DIR;

const ButcherTableau& method(const char* name) {
  return *find_method(name);
}

double interval(const char* name) {
  return linear_stability(method(name))->real_interval;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string stability_cell(const ButcherTableau& tableau) {
  const auto stability = linear_stability(tableau);
  if (!stability) return "";
  if (stability->l_stable) return "L-stable";
  if (stability->a_stable) return "A-stable";
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", stability->real_interval);
  return text;
}

std::string row(const ButcherTableau& m) {
  const auto cell = [](const auto& content) {
    std::ostringstream text;
    text << " " << content << " |";
    return text.str();
  };
  return "|" + cell("`" + std::string(m.name) + "`") + cell(m.label) + cell(m.order) +
         cell(m.adaptive() ? std::to_string(m.embedded_order) : "-") + cell(m.published_stages()) +
         cell(m.evaluations()) + cell(m.fsal ? "yes" : "-") + cell(m.interpolant_order()) +
         cell(stability_cell(m).empty() ? "-" : stability_cell(m)) +
         cell("[" + std::string(m.citation) + "]");
}

// y' = sin(w y) - y. Euler's steps of length h <= 1 keep |y| <= 1: they are (1 - h) y + h sin(w y).
FunctionField swing(double w) {
  return FunctionField(1,
                       [w](double, const double* y, double* dy) { *dy = std::sin(w * *y) - *y; });
}

double one_step(const char* name, double w, double y, double h) {
  SolverOptions options;
  options.method = find_method(name);
  options.fixed = true;
  options.step_size = h;
  const Matrix<double> y0 = Matrix<double>::Constant(1, 1, y);
  Matrix<double> times(2, 1);
  times << 0, h;
  auto field = swing(w);
  Solver<double> solver(options);
  REQUIRE(solver.solve(field, y0, times).status == SolveStatus::ok);
  return solver.states()[1](0, 0);
}

}  // namespace

TEST_CASE("ssprk3: a step is Shu and Osher's convex combinations of Euler's steps") {
  const double w = 7, h = 0.8;
  const auto euler = [&](double y) { return y + h * (std::sin(w * y) - y); };
  for (const double y : {-0.9, 0.1, 0.6}) {
    const double second = 3.0 / 4 * y + 1.0 / 4 * euler(euler(y));
    CHECK(std::abs(one_step("ssprk3", w, y, h) - (y / 3 + 2.0 / 3 * euler(second))) < 1e-15);
  }
}

TEST_CASE("ssprk3: a step stays where Euler's does, and one of heun3 need not") {
  double farthest[2] = {0, 0};
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const double w = 10 * rng.uniform(), y = 2 * rng.uniform() - 1;
    farthest[0] = std::max(farthest[0], std::abs(one_step("ssprk3", w, y, 1)));
    farthest[1] = std::max(farthest[1], std::abs(one_step("heun3", w, y, 1)));
  }
  CHECK(farthest[0] <= 1);
  CHECK(farthest[1] > 1.1);
}

TEST_CASE("stability: explicit methods end where the textbooks say") {
  for (const char* name : {"euler", "midpoint", "heun", "ralston"}) {
    CHECK(interval(name) == doctest::Approx(2).epsilon(1e-12));
  }
  // Every three-stage method of order 3 and four-stage one of order 4 has the series of exp.
  for (const char* name : {"heun3", "ssprk3", "bosh3"}) {
    CHECK(interval(name) == doctest::Approx(2.5127453266).epsilon(1e-9));
  }
  for (const char* name : {"rk4", "rk4_38"}) {
    CHECK(interval(name) == doctest::Approx(2.7852935634).epsilon(1e-9));
  }
  CHECK(interval("dopri5") == doctest::Approx(3.3066).epsilon(1e-4));
  // Lambert's table of predictor-corrector methods gives 1.25 to 1.3 for PECE of order 4.
  CHECK(interval("abm4") == doctest::Approx(1.285).epsilon(1e-3));
  CHECK_FALSE(linear_stability(method("euler"))->at_infinity);
  CHECK_FALSE(linear_stability(method("dopri8"))->a_stable);
}

TEST_CASE("stability: R is the exponential series up to the order, and follows one step") {
  for (const ButcherTableau* m : methods()) {
    CAPTURE(std::string(m->name));
    const auto r = stability_function(*m);
    CHECK(r.has_value() == !(m->partitioned || m->past > 0));
    if (!r) continue;
    CHECK(std::abs((*r)(0) - 1.0) < 1e-15);
    // Long division: numerator / denominator = sum_k series_k z^k.
    std::vector<double> series;
    double factorial = 1;
    for (int k = 0; k <= m->order + 1; ++k) {
      const auto at = static_cast<std::size_t>(k);
      double coefficient = at < r->numerator.size() ? r->numerator[at] : 0;
      for (std::size_t j = 1; j <= at && j < r->denominator.size(); ++j)
        coefficient -= r->denominator[j] * series[at - j];
      series.push_back(coefficient);
      if (k > 0) factorial *= k;
      const double error = std::abs(coefficient - 1 / factorial);
      CHECK((error < 1e-13) == (k <= m->order));
    }
  }
  const Complex z(-0.7, 1.3);
  CHECK(std::abs((*stability_function(method("rk4")))(z) -
                 (1.0 + z + z * z / 2.0 + z * z * z / 6.0 + z * z * z * z / 24.0)) < 1e-14);
  CHECK(std::abs((*stability_function(method("trapezoid")))(z) -
                 (1.0 + z / 2.0) / (1.0 - z / 2.0)) < 1e-14);
  CHECK(std::abs((*stability_function(method("implicit_midpoint")))(z) -
                 (1.0 + z / 2.0) / (1.0 - z / 2.0)) < 1e-14);
}

TEST_CASE("stability: implicit methods are A-stable, most of them L-stable") {
  for (const char* name : {"implicit_euler", "kvaerno3", "kvaerno5", "kencarp5"}) {
    CAPTURE(std::string(name));
    const LinearStability stability = *linear_stability(method(name));
    CHECK(stability.l_stable);
    CHECK(std::isinf(stability.real_interval));
    CHECK(std::abs(*stability.at_infinity) < 1e-13);
  }
  for (const char* name : {"trapezoid", "implicit_midpoint"}) {
    const LinearStability stability = *linear_stability(method(name));
    CHECK(stability.a_stable);
    CHECK_FALSE(stability.l_stable);
    CHECK(std::abs(*stability.at_infinity) == doctest::Approx(1));
  }
  // A kvaerno3 whose gamma is off is no longer L-stable.
  ButcherTableau wrong = method("kvaerno3");
  for (int i = 1; i < wrong.stages; ++i) wrong.a[i][i] += 1e-4;
  CHECK_FALSE(linear_stability(wrong)->l_stable);
  // theta = 0.4: |R| = 1 at -2 / (1 - 2 theta) = -10.
  ButcherTableau theta = method("trapezoid");
  theta.a[1][0] = 0.6;
  theta.a[1][1] = 0.4;
  CHECK(linear_stability(theta)->real_interval == doctest::Approx(10));
  CHECK_FALSE(linear_stability(theta)->a_stable);
  CHECK_FALSE(linear_stability(method("leapfrog")));
}

TEST_CASE("docs: the table of methods is that of the registry") {
  const std::string page = read(root + "/docs/reference/methods.md");
  std::string expected;
  for (const ButcherTableau* m : methods()) expected += row(*m) + "\n";
  INFO(expected);
  CHECK(page.find(expected) != std::string::npos);
  for (const ControllerRule& rule : controller_rules()) {
    CHECK(page.find("`" + std::string(rule.name) + "`") != std::string::npos);
  }
}

TEST_CASE("docs: every source that the engine or the pages cite is in the references") {
  const std::string references = read(root + "/docs/reference/references.md");
  std::set<std::string> keys;
  for (const ButcherTableau* m : methods()) keys.insert(std::string(m->citation));
  for (const ControllerRule& rule : controller_rules()) keys.insert(std::string(rule.citation));
  const std::regex citation("\\[([a-z]+(?:19|20)[0-9]{2})\\]");
  for (const char* folder : {"/engine", "/docs"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root + folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "references.md") continue;
      const std::string text = read(entry.path().string());
      for (std::sregex_iterator it(text.begin(), text.end(), citation), end; it != end; ++it)
        keys.insert((*it)[1].str());
    }
  }
  CHECK(keys.size() > 25);
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(references.find("- [" + key + "] ") != std::string::npos);
  }
}
