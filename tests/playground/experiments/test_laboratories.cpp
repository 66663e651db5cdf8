// Experiments that measure and do not learn: solvers and gradients.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/analysis/gradient_cost.h"
#include "engine/analysis/recorded_solve.h"
#include "engine/fields/systems.h"
#include "playground/catalogue/catalogue.h"
#include "playground/training/saved_run.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::numbers_of;
using testing::shape_of;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

struct Lab {
  explicit Lab(std::string_view name, const Values& values = {}, int steps = 0)
      : experiment(all_experiments().make(name)), settings(experiment->info().parameters) {
    for (const auto& pair : values) {
      CAPTURE(pair.first);
      REQUIRE_FALSE(settings.set(pair.first, pair.second));
    }
    REQUIRE(experiment->reset(settings, 1));
    for (int i = 0; i < steps; ++i) losses.push_back(step());
  }

  double step() const {
    const StepReport report = experiment->step();
    REQUIRE(report.ok);
    return report.loss;
  }
  double metric(const std::string& name) const {
    const Frame frame = experiment->frame();
    const Metric* found = frame.find_metric(name);
    CAPTURE(name);
    REQUIRE(found != nullptr);
    return found->value;
  }
  std::size_t vertices() const {
    std::size_t count = 0;
    for (const Plot& plot : experiment->frame().plots) {
      for (const Layer& layer : plot.layers)
        for (const auto* values : numbers_of(layer)) count += values->size();
    }
    return count;
  }
  Plot plot(std::string_view id) const {
    for (Plot& plot : experiment->frame().plots) {
      if (plot.id == id) return plot;
    }
    FAIL("no plot");
    return {};
  }

  std::unique_ptr<Experiment> experiment;
  Settings settings;
  std::vector<double> losses;
};

SolverOptions adaptive(const char* method, double rtol) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = options.atol = rtol;
  return options;
}

// The slope of log y over x.
double log_slope(const std::vector<double>& x, const std::vector<double>& y) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double l = std::log(y[i]);
    n += 1;
    sx += x[i];
    sy += l;
    sxx += x[i] * x[i];
    sxy += x[i] * l;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

}  // namespace

TEST_CASE("laboratories: a saved study is made again, and one with other settings is refused") {
  for (const auto name : {"solvers", "gradients"}) {
    CAPTURE(name);
    const Lab a(name, {}, 5), b(name);
    const auto bytes = a.experiment->save();
    REQUIRE(b.experiment->load(bytes));
    CHECK(b.experiment->frame().step == 5);
    CHECK(b.experiment->save() == bytes);
    CHECK(b.metric("loss") == a.losses.back());
    for (int i = 0; i < 3; ++i) CHECK(a.step() == b.step());
    const auto run = read_saved_run(bytes);
    REQUIRE(run);
    CHECK(run.value().experiment == name);
    CHECK(run.value().seed == 1);
    CHECK(run.value().step == 5);

    const Lab other(name, {{"duration", "0.5"}}, 2);
    const auto before = other.experiment->save();
    CHECK_FALSE(other.experiment->load(bytes));
    CHECK_FALSE(other.experiment->load({}));
    CHECK_FALSE(other.experiment->load(std::span(bytes).first(bytes.size() / 2)));
    CHECK(other.experiment->save() == before);
  }
}

TEST_CASE("laboratories: beyond its last point a study is drawn again, the same to the bit") {
  for (const auto name : {"solvers", "gradients"}) {
    Lab lab(name);
    const auto course = static_cast<int>(lab.experiment->info().default_steps);
    std::vector<double> first, second;
    for (int i = 0; i < course; ++i) first.push_back(lab.step());
    const std::size_t vertices = lab.vertices();
    for (int i = 0; i < course; ++i) second.push_back(lab.step());
    CHECK(first == second);
    CHECK(lab.vertices() == vertices);
    const Lab resumed(name);
    REQUIRE(resumed.experiment->load(lab.experiment->save()));
    CHECK(resumed.experiment->frame().step == 2 * course);
    CHECK(resumed.vertices() == vertices);
  }
}

TEST_CASE("laboratories: a solve that fails is a point without an error, and the study goes on") {
  // Explicit steps that are far too long for Robertson's reaction.
  const Lab lab("solvers", {{"data", "robertson"}, {"solver", "rk4"}, {"other", "kvaerno5"}}, 12);
  CHECK(std::isnan(lab.metric("error")));
  CHECK(lab.metric("other_error") < 1e-2);
  for (const double loss : lab.losses) CHECK(std::isfinite(loss));
  CHECK(lab.losses[0] == 1);
}

TEST_CASE("solvers: the study finds the order of a method, in fixed steps and in adaptive ones") {
  const Lab fixed("solvers", {{"data", "spiral"}, {"solver", "rk4"}, {"other", "heun3"}}, 12);
  CHECK(fixed.metric("order") == doctest::Approx(4).epsilon(0.02));
  CHECK(fixed.metric("other_order") == doctest::Approx(3).epsilon(0.02));
  const Lab chosen("solvers", {{"data", "spiral"}, {"solver", "bosh3"}, {"other", "dopri5"}}, 12);
  CHECK(chosen.metric("order") == doctest::Approx(3).epsilon(0.05));
  CHECK(chosen.metric("other_order") == doctest::Approx(5).epsilon(0.05));
  const Lab forced("solvers", {{"data", "spiral"}, {"solver", "bosh3"}, {"fixed", "true"}}, 12);
  CHECK(forced.metric("order") == doctest::Approx(3).epsilon(0.02));
  CHECK(forced.metric("rejected") == 0);
  CHECK_FALSE(forced.settings.is_shown(forced.settings.find("tolerance")));
}

TEST_CASE("solvers: the error is that of the exact solution of the linear spiral") {
  const Lab lab("solvers", {{"data", "spiral"}, {"solver", "euler"}, {"step_size", "0.05"}});
  // A step multiplies u + iv by 1 + h (-.1 + i), the solution by e^(-.1 + i) in a unit of time.
  const std::complex<double> start(0.6, 0.3), rate(-0.1, 1);
  const auto exact = start * std::exp(20.0 * rate);
  const auto found = start * std::pow(1.0 + 0.05 * rate, 400);
  const auto apart = found - exact;
  const double error = std::max(std::abs(apart.real()), std::abs(apart.imag())) /
                       std::max(std::abs(exact.real()), std::abs(exact.imag()));
  CHECK(lab.metric("error") == doctest::Approx(error).epsilon(1e-6));
  CHECK(lab.metric("nfe") == 400);
  CHECK(lab.metric("accepted") == 400);
  // The last point of the curve in time is the end.
  const Plot plot = lab.plot("error");
  CHECK(shape_of<Curve>(plot.layers[0]).y.back() == doctest::Approx(error).epsilon(1e-5));
}

TEST_CASE("solvers: eigenvalues times h leave the region where the method blows up") {
  // |R(z)| of rk4 on the real axis exceeds 1 beyond z = -2.785.
  for (const double step : {0.05, 0.06}) {
    const Lab lab("solvers", {{"data", "relaxation"},
                              {"rate", "50"},
                              {"solver", "rk4"},
                              {"step_size", std::to_string(step)}});
    const Plot plot = lab.plot("stability");
    const auto& region = shape_of<Heatmap>(plot.layers.front());
    const auto& dots = shape_of<Points>(plot.layers.back());
    REQUIRE_FALSE(dots.x.empty());
    CHECK(static_cast<double>(dots.x[0]) == doctest::Approx(-50 * step).epsilon(1e-3));
    const auto column = static_cast<int>((-50 * step - plot.x.minimum) /
                                         (plot.x.maximum - plot.x.minimum) * region.nx);
    const double growth =
        static_cast<double>(region.z[static_cast<std::size_t>(region.ny / 2 * region.nx + column)]);
    CHECK((growth > 1) == (step > 0.0557));
    CHECK((lab.metric("error") > 1) == (step > 0.0557));
  }
}

TEST_CASE("solvers: a symplectic method is refused where the field is not separable") {
  Lab lab("solvers");
  lab.settings.set("solver", "leapfrog");
  CHECK(lab.experiment->reset(lab.settings, 1));  // Kepler's is
  lab.settings.set("data", "lotka_volterra");
  const Status status = lab.experiment->reset(lab.settings, 1);
  REQUIRE_FALSE(status);
  CHECK(status.error() ==
        "solver: leapfrog takes fields of the form q' = f(t, p), p' = g(t, q), which "
        "'lotka_volterra' is not");
  CHECK_FALSE(lab.experiment->step().ok);
  CHECK(lab.experiment->save().empty());
  CHECK_FALSE(lab.experiment->load({}));
  CHECK(lab.experiment->frame().plots.empty());
}

TEST_CASE("laboratories: every system and every method gives finite pictures") {
  for (const auto name : {"solvers", "gradients"}) {
    Lab lab(name);
    const int row = lab.settings.find("data");
    for (const Choice& choice : lab.settings.table()[static_cast<std::size_t>(row)].choices) {
      CAPTURE(choice.name);
      lab.settings.set("data", choice.name);
      REQUIRE(lab.experiment->reset(lab.settings, 2));
      lab.step();
      for (const Plot& plot : lab.experiment->frame().plots) {
        CAPTURE(plot.id);
        CHECK(plot.x.maximum > plot.x.minimum);
        CHECK(plot.y.maximum > plot.y.minimum);
        for (const Layer& layer : plot.layers) {
          for (const auto* values : numbers_of(layer)) {
            CHECK(std::all_of(values->begin(), values->end(),
                              [](float value) { return std::isfinite(value); }));
          }
        }
      }
    }
  }
}

TEST_CASE("recorded solve: its steps fill the interval and its states are the solution's") {
  const auto field = find_system("relaxation")->make(std::vector<double>{2});
  const Vector<double> y0 = Vector<double>::Zero(1);
  const RecordedSolve solve(*field, y0, 0, 3, adaptive("dopri5", 1e-9));
  REQUIRE(solve.succeeded());
  CHECK(solve.reached() == 3);
  double t = 0;
  Index accepted = 0;
  for (const TakenStep& step : solve.steps()) {
    CHECK(step.t == doctest::Approx(t).epsilon(1e-12));
    if (!step.accepted) continue;
    t += step.h;
    ++accepted;
  }
  CHECK(t == doctest::Approx(3));
  CHECK(accepted == solve.report().accepted);
  // y = (r^2 cos t + r sin t - r^2 e^(-r t)) / (1 + r^2).
  for (const double at : {0.0, 0.3, 1.7, 3.0}) {
    const double exact = (4 * std::cos(at) + 2 * std::sin(at) - 4 * std::exp(-2 * at)) / 5;
    CHECK(std::abs(solve.state(at)[0] - exact) < 1e-7);
  }
  SolverOptions few = adaptive("dopri5", 1e-9);
  few.max_steps = 3;
  const RecordedSolve short_one(*field, y0, 0, 3, few);
  CHECK_FALSE(short_one.succeeded());
  CHECK(short_one.reached() < 3);
  CHECK(short_one.state(3) == short_one.state(short_one.reached()));
}

TEST_CASE("recorded solve: what decays at a rate grows at that rate on the way back") {
  constexpr double rate = 8, end = 2;
  const auto field = find_system("relaxation")->make(std::vector<double>{rate});
  const Vector<double> y0 = Vector<double>::Zero(1);
  const SolverOptions options = adaptive("dopri5", 1e-10);
  const RecordedSolve there(*field, y0, 0, end, options);
  const RecordedSolve back(*field, there.state(end), end, 0, options);
  REQUIRE(back.succeeded());
  std::vector<double> elapsed, distance;
  for (double t = 1.0; t > 0.05; t -= 0.1) {
    elapsed.push_back(end - t);
    distance.push_back(std::abs(back.state(t)[0] - there.state(t)[0]));
  }
  CHECK(log_slope(elapsed, distance) == doctest::Approx(rate).epsilon(0.05));
}

TEST_CASE("gradients: the picture's drift grows at the rate of the system") {
  const Lab lab("gradients", {{"data", "relaxation"}, {"rate", "10"}, {"tolerance", "1e-9"}});
  const Plot plot = lab.plot("drift");
  const auto& line = shape_of<Curve>(plot.layers[0]);
  std::vector<double> elapsed, distance;
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    if (line.x[i] < 0.05F || line.x[i] > 0.8F) continue;
    elapsed.push_back(1.5 - static_cast<double>(line.x[i]));
    distance.push_back(static_cast<double>(line.y[i]));
  }
  CHECK(log_slope(elapsed, distance) == doctest::Approx(10).epsilon(0.05));
}

TEST_CASE("gradients: the gradient of a linear system is that of its exponential") {
  // y = e^{At} y0 with A = -d I + w J: L = 1^T sum_i y(t_i), dL/dy0 = sum_i e^{A^T t_i} 1.
  const auto field = find_system("spiral")->make();
  const Vector<double> y0 = Eigen::Vector2d(0.6, 0.3);
  const double times[] = {0, 1.5, 4};
  Eigen::Vector2d exact(0, 0);
  for (const double t : {1.5, 4.0}) {
    const double decay = std::exp(-0.1 * t), c = std::cos(t), s = std::sin(t);
    exact += decay * Eigen::Vector2d(c + s, c - s);
  }
  for (const GradientStrategy& strategy : gradient_strategies()) {
    CAPTURE(std::string(strategy.name));
    const MeasuredGradient found =
        measure_gradient(*field, y0, times, adaptive("dopri8", 1e-12), strategy);
    REQUIRE(found.status == SolveStatus::ok);
    CHECK((found.y0_bar - exact).norm() < 1e-9);
    CHECK(found.theta_bar.size() == 2);
  }
}

TEST_CASE("gradients: what the strategies are measured against agrees with central differences") {
  for (const auto data : {"spiral", "pendulum", "lotka_volterra", "van_der_pol", "network"}) {
    CAPTURE(data);
    const Lab lab("gradients", {{"data", data}});
    CHECK(lab.metric("difference_error") < 1e-7);
    CHECK(lab.metric("gradient_norm_discrete") > 0);
  }
}

TEST_CASE("gradients: backsolve is wrong on a limit cycle, holds least, and resets mend it") {
  const Lab lab("gradients", {{"data", "van_der_pol"}, {"tolerance", "1e-8"}}, 10);
  CHECK(lab.metric("gradient_error_discrete") < 1e-5);
  CHECK(lab.metric("gradient_error_checkpoints") == lab.metric("gradient_error_discrete"));
  CHECK(lab.metric("gradient_error_interpolated") < 1e-5);
  CHECK(lab.metric("gradient_error_reset") < 1e-5);
  CHECK(lab.metric("gradient_error_backsolve") > 1e-2);
  CHECK(lab.metric("bytes_backsolve") < lab.metric("bytes_checkpoints"));
  CHECK(lab.metric("bytes_checkpoints") < lab.metric("bytes_discrete"));
  CHECK(lab.metric("bytes_discrete") < lab.metric("bytes_interpolated"));
  CHECK(lab.metric("nfe_backward_checkpoints") > lab.metric("nfe_backward_discrete"));
  // Of all the curves of bytes against duration only those of backsolve are flat.
  const std::vector<Layer> curves = lab.plot("bytes").layers;
  REQUIRE(curves.size() == 5);
  for (std::size_t k = 0; k < curves.size(); ++k) {
    CAPTURE(k);
    const std::vector<float>& bytes = shape_of<Curve>(curves[k]).y;
    REQUIRE(bytes.size() >= 5);
    CHECK((bytes.front() == bytes.back()) == (k >= 3));
  }
}

TEST_CASE("gradients: errors fall with the tolerance, as fast as the discrete adjoint's order") {
  const Lab lab("gradients", {{"data", "spiral"}, {"solver", "rk4"}}, 10);
  // Steps are halved from point to point: rk4's gradient is of order 4.
  CHECK(lab.losses[5] / lab.losses[6] == doctest::Approx(16).epsilon(0.05));
  CHECK(lab.losses[6] / lab.losses[7] == doctest::Approx(16).epsilon(0.05));
}
