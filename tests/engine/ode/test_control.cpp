// How steps are chosen: controllers, limits, norms, jumps, shared steps, Newton's iterations.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "engine/fields/systems.h"
#include "engine/ode/formula_field.h"
#include "engine/ode/solver.h"
#include "tests/support/fields.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

SolverOptions adaptive(const char* method, double rtol, double atol) {
  return adaptive_options(*find_method(method), rtol, atol);
}

const Matrix<double> unit = column({0, 1}), reversed = column({1, 0});

// y' = y cos t: y = e^sin t from 1 at 0.
auto cosine() {
  return formula_field<double, 1>(
      [](auto t, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * math::cos(t); });
}

// The accepted steps: where they began, and their lengths.
class Steps final : public StepSink<double> {
 public:
  struct Step {
    double t, h;
  };
  std::vector<std::vector<Step>> taken;  // by sample

  explicit Steps(std::size_t batch = 1) : taken(batch) {}
  void step(const StepView<double>& view) override {
    for (Index p = 0; p < view.n; ++p) {
      const auto q = static_cast<std::size_t>(p);
      if (!view.accepted[q]) continue;
      taken[static_cast<std::size_t>(view.samples[q])].push_back({view.t[p], view.h[p]});
    }
  }
  double longest() const {
    double h = 0;
    for (const Step& step : taken[0]) h = std::max(h, std::abs(step.h));
    return h;
  }
  bool ends_at(double t) const {
    const auto begins = [t](const Step& step) { return step.t == t; };
    return std::any_of(taken[0].begin(), taken[0].end(), begins);
  }
};

// y' = -2 y before 1/3, 1 - y from there to 0.7, -2 y from there on: continuous from the right.
struct Switched {
  static constexpr double first = 1.0 / 3, second = 0.7;
  std::vector<double> times;
  FunctionField field{1, [this](double t, const double* y, double* dy) {
                        times.push_back(t);
                        dy[0] = t >= first && t < second ? 1 - y[0] : -2 * y[0];
                      }};

  static double exact(double y0) {
    const double y1 = y0 * std::exp(-2 * first);
    const double y2 = 1 + (y1 - 1) * std::exp(first - second);
    return y2 * std::exp(-2 * (1 - second));
  }
};

// Whether all times at which the field was evaluated for a step lie strictly within the piece of
// the step.
class PieceWatch final : public StepSink<double> {
 public:
  PieceWatch(std::vector<double>& times, std::vector<double> jumps)
      : times_(times), jumps_(std::move(jumps)) {}
  bool clean = true;

  void step(const StepView<double>& view) override {
    const double a = std::min(view.t[0], view.t[0] + view.h[0]);
    const double b = std::max(view.t[0], view.t[0] + view.h[0]);
    for (const double t : times_) {
      for (const double jump : jumps_) {
        const double slack = 1e-12;
        if (t == jump || (b <= jump + slack && t > jump) || (a >= jump - slack && t < jump)) {
          clean = false;
        }
      }
    }
    times_.clear();
  }

 private:
  std::vector<double>& times_;
  std::vector<double> jumps_;
};

Count total(const std::vector<Count>& counts) {
  return std::accumulate(counts.begin(), counts.end(), Count(0));
}

}  // namespace

TEST_CASE("controller: I, PI and PID keep the error near the tolerance") {
  auto field = cosine();
  for (const ControllerRule& rule : controller_rules()) {
    for (const char* method : {"dopri5", "tsit5", "kvaerno3"}) {
      for (const double tolerance : {1e-4, 1e-6, 1e-8}) {
        CAPTURE(std::string(rule.name));
        CAPTURE(std::string(method));
        CAPTURE(tolerance);
        SolverOptions options = adaptive(method, tolerance, tolerance);
        options.controller.rule = &rule;
        Solver<double> solver(options);
        REQUIRE(solver.solve(field, column({1}), column({0, 20})).succeeded());
        const double error = std::abs(solver.states()[1](0, 0) - std::exp(std::sin(20.0)));
        CHECK(error < 100 * tolerance);
        CHECK(error > 1e-3 * tolerance);
      }
    }
  }
}

TEST_CASE("controller: PI rejects fewer steps than I where the difficulty comes and goes") {
  for (const char* method : {"bosh3", "dopri5", "tsit5"}) {
    for (const double mu : {5.0, 20.0}) {
      CAPTURE(std::string(method));
      CAPTURE(mu);
      const auto field = find_system("van_der_pol")->make(std::vector<double>{mu});
      const auto rejected = [&](const char* rule) {
        SolverOptions options = adaptive(method, 1e-6, 1e-6);
        options.controller.rule = find_controller(rule);
        Solver<double> solver(options);
        const SolveReport& report = solver.solve(*field, column({2, 0}), column({0, 100}));
        REQUIRE(report.succeeded());
        return report.rejected;
      };
      CHECK(rejected("pi") < rejected("i"));
      if (find_method(method)->order >= 5) CHECK(rejected("pid") < rejected("i"));
    }
  }
}

TEST_CASE("steps: no step is longer than max_step, and first_step is the first one") {
  auto field = cosine();
  SolverOptions options = adaptive("dopri5", 1e-3, 1e-3);
  Solver<double> solver(options);
  Steps free, limited;
  REQUIRE(solver.solve(field, column({1}), column({0, 5}), {.sink = &free}).succeeded());
  REQUIRE(free.longest() > 0.3);

  options.max_step = 0.1;
  options.first_step = 0.0125;
  solver.set_options(options);
  REQUIRE(solver.solve(field, column({1}), column({0, 5.0005}), {.sink = &limited}).succeeded());
  CHECK(limited.longest() <= 0.1 * (1 + 1e-8));
  CHECK(limited.longest() > 0.0999);
  CHECK(limited.taken[0][0].h == 0.0125);
  // One evaluation fewer than with Hairer's trial step.
  CHECK(solver.report().nfe() == 1 + 6 * (solver.report().accepted + solver.report().rejected));

  // Half a percent is left after fifty of the longest steps: not taken along.
  options.first_step = 0.1;
  solver.set_options(options);
  limited.taken.assign(1, {});
  REQUIRE(solver.solve(field, column({1}), column({0, 5.0005}), {.sink = &limited}).succeeded());
  CHECK(limited.taken[0].size() == 51);
  CHECK(limited.longest() <= 0.1 * (1 + 1e-8));

  options.first_step = 7;  // cut to the longest one
  solver.set_options(options);
  limited.taken.assign(1, {});
  REQUIRE(solver.solve(field, column({1}), column({0, -3}), {.sink = &limited}).succeeded());
  CHECK(limited.taken[0][0].h == -0.1);
}

TEST_CASE("steps: going on with the last step lengths costs hardly more than not having stopped") {
  const auto field = find_system("lotka_volterra")->make({});
  const Matrix<double> y0 = (Matrix<double>(2, 2) << 1, 0.3, 1, 2).finished();
  const double stops[] = {0, 2, 2 + 1e-7, 5, 5.1, 9};  // hardly anything, and less than a step
  const SolverOptions options = adaptive("dopri5", 1e-7, 1e-7);
  // Pieces of a solve of these samples together: end state, steps, evaluations of each sample.
  const auto solve = [&](const Matrix<double>& begin, bool go_on) {
    struct {
      Matrix<double> y;
      Count steps = 0;
      std::vector<Count> nfe;
    } pieces{begin, 0, std::vector<Count>(static_cast<std::size_t>(begin.cols()))};
    Solver<double> solver(options);
    for (std::size_t i = 1; i < std::size(stops); ++i) {
      SolveRequest<double> request;
      if (go_on && i > 1) request.first_steps = solver.next_steps();
      const auto& report =
          solver.solve(*field, pieces.y, column({stops[i - 1], stops[i]}), request);
      REQUIRE(report.status == SolveStatus::ok);
      pieces.y = solver.states()[1];
      pieces.steps += report.accepted + report.rejected;
      for (std::size_t s = 0; s < pieces.nfe.size(); ++s) pieces.nfe[s] += report.nfe_per_sample[s];
    }
    return pieces;
  };
  const auto together = solve(y0, true);
  for (Index s = 0; s < 2; ++s) {
    const auto alone = solve(y0.col(s), true), afresh = solve(y0.col(s), false);
    CHECK(alone.y == together.y.col(s));
    CHECK(alone.nfe[0] == together.nfe[static_cast<std::size_t>(s)]);
    CHECK((alone.y - afresh.y).norm() < 1e-5);
    // Five first slopes, six evaluations a step, and one to choose the very first step.
    CHECK(alone.nfe[0] == 6 * alone.steps + 6);

    Solver<double> whole(options);
    const auto& report = whole.solve(*field, y0.col(s), column({stops[0], stops[5]}));
    // A stop costs the step that it cuts, and at most a rejection after it.
    CHECK(alone.steps <= report.accepted + report.rejected + 2 * 4);
    CHECK(afresh.steps > alone.steps);
  }
}

TEST_CASE("steps: where min_step does not meet the tolerance the solve ends with step_underflow") {
  auto field = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * y[0]; });
  SolverOptions options = adaptive("dopri5", 1e-10, 1e-10);
  options.min_step = 1e-3;
  Solver<double> solver(options);
  // y = 1 / (1 - t) needs ever shorter steps on the way to 1.
  const SolveReport& report = solver.solve(field, column({1}), column({0, 0.9999}));
  CHECK(report.status == SolveStatus::step_underflow);
  CHECK(report.t > 0.5);
  CHECK(report.t < 0.9999);
  CHECK(std::abs(report.h) < 1e-3);
  CHECK(report.error_norm > 1);
  CHECK(std::isnan(solver.states()[1](0, 0)));

  options.min_step = 0;
  solver.set_options(options);
  REQUIRE(solver.solve(field, column({1}), column({0, 0.9999})).succeeded());
  CHECK(solver.states()[1](0, 0) == doctest::Approx(1e4).epsilon(1e-5));
}

TEST_CASE("steps: max_steps ends a solve cleanly, and the next one starts afresh") {
  auto field = cosine();
  SolverOptions options = adaptive("bosh3", 1e-8, 1e-8);
  options.max_steps = 10;
  Solver<double> solver(options);
  const SolveReport& report = solver.solve(field, column({1}), column({0, 0.001, 5}));
  CHECK(report.status == SolveStatus::max_steps);
  CHECK(report.accepted + report.rejected == 10);
  CHECK(report.message().find("at t = ") != std::string::npos);
  CHECK(std::isfinite(solver.states()[1](0, 0)));
  CHECK(std::isnan(solver.states()[2](0, 0)));
  options.max_steps = 100000;
  solver.set_options(options);
  CHECK(solver.solve(field, column({1}), column({0, 0.001, 5})).succeeded());
}

TEST_CASE("steps: a step ends at every forced time, in both directions") {
  auto field = cosine();
  for (const char* method : {"dopri5", "kvaerno3", "kvaerno5"}) {
    for (const Matrix<double>& times : {unit, reversed}) {
      CAPTURE(std::string(method));
      SolverOptions options = adaptive(method, 1e-3, 1e-3);
      options.forced_times = {0.9, 0.1234567, 7, -3, 0, 1};  // some of no concern
      Solver<double> solver(options);
      Steps steps;
      REQUIRE(solver.solve(field, column({1}), times, {.sink = &steps}).succeeded());
      CHECK(steps.ends_at(0.9));
      CHECK(steps.ends_at(0.1234567));
      // The cut step is forgotten: no walk back up from a short one.
      CHECK(steps.taken[0].size() < 12);
    }
  }
}

TEST_CASE("jumps: a solver that knows them needs far fewer evaluations") {
  for (const char* method : {"bosh3", "dopri5", "tsit5", "dopri8", "kvaerno3", "kencarp5"}) {
    CAPTURE(std::string(method));
    Switched known, unknown;
    SolverOptions options = adaptive(method, 1e-8, 1e-8);
    Solver<double> without(options);
    REQUIRE(without.solve(unknown.field, column({2}), unit).succeeded());
    options.jumps = {Switched::second, Switched::first};
    Solver<double> with(options);
    REQUIRE(with.solve(known.field, column({2}), unit).succeeded());
    const double part = find_method(method)->order >= 5 ? 0.4 : 0.9;
    CHECK(with.report().nfe() < part * static_cast<double>(without.report().nfe()));
    CHECK(with.report().rejected < without.report().rejected);
    const double error = std::abs(with.states()[1](0, 0) - Switched::exact(2));
    CHECK(error < 1e-6);
  }
}

TEST_CASE("jumps: the field is never asked on the wrong side, whatever the direction") {
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive()) continue;
    for (const Matrix<double>& times : {unit, reversed}) {
      for (const bool shared : {false, true}) {
        CAPTURE(std::string(method->name));
        CAPTURE(times(0, 0));
        Switched switched;
        SolverOptions options = adaptive_options(*method, 1e-5, 1e-5);
        options.jumps = {Switched::first, Switched::second};
        options.shared_steps = shared;
        Solver<double> solver(options);
        PieceWatch watch(switched.times, options.jumps);
        Steps steps;
        const double start = times(0, 0) == 0 ? 2 : Switched::exact(2);
        REQUIRE(solver.solve(switched.field, column({start}), times, {.sink = &watch}).succeeded());
        CHECK(watch.clean);
        const double end = times(0, 0) == 0 ? Switched::exact(2) : 2;
        CHECK(std::abs(solver.states()[1](0, 0) - end) < (method->order == 1 ? 0.02 : 2e-3));
        REQUIRE(solver.solve(switched.field, column({start}), times, {.sink = &steps}).succeeded());
        CHECK(steps.ends_at(Switched::first));
        CHECK(steps.ends_at(Switched::second));
      }
    }
  }
}

TEST_CASE("jumps: one at t0 or t1 belongs to the side that is solved") {
  // From 1/3 to 0.7 the field is 1 - y; at both ends, and beyond, it is something else.
  for (const bool backwards : {false, true}) {
    for (const char* method : {"dopri5", "kencarp5", "kvaerno5", "implicit_euler"}) {
      CAPTURE(std::string(method));
      CAPTURE(backwards);
      std::vector<double> times;
      FunctionField field(1, [&](double t, const double* y, double* dy) {
        times.push_back(t);
        dy[0] = t > Switched::first && t < Switched::second ? 1 - y[0] : 1e6;
      });
      const double t0 = backwards ? Switched::second : Switched::first;
      const double t1 = backwards ? Switched::first : Switched::second;
      SolverOptions options = adaptive(method, 1e-6, 1e-6);
      options.jumps = {t0, t1};
      Solver<double> solver(options);
      REQUIRE(solver.solve(field, column({3}), column({t0, t1})).succeeded());
      const double exact = 1 + 2 * std::exp(t0 - t1);
      CHECK(solver.states()[1](0, 0) == doctest::Approx(exact).epsilon(1e-3));
      const auto outside = [](double t) { return t <= Switched::first || t >= Switched::second; };
      CHECK(std::none_of(times.begin(), times.end(), outside));
    }
  }
}

TEST_CASE("jumps: the choice of the first step does not look beyond one") {
  // Hairer's trial step would be 0.1.
  std::vector<double> times;
  FunctionField field(1, [&](double t, const double*, double* dy) {
    times.push_back(t);
    dy[0] = t < 1e-3 ? 1 : 5;
  });
  SolverOptions options = adaptive("dopri5", 1e-6, 1e-6);
  options.jumps = {1e-3};
  Solver<double> solver(options);
  PieceWatch watch(times, options.jumps);
  REQUIRE(solver.solve(field, column({10}), unit, {.sink = &watch}).succeeded());
  CHECK(watch.clean);
  CHECK(solver.states()[1](0, 0) == doctest::Approx(10 + 1e-3 + 5 * (1 - 1e-3)).epsilon(1e-9));
}

TEST_CASE("norm: the largest component is stricter than the root mean square") {
  // Nine components at rest beside one that moves: the mean forgives it a factor sqrt 10.
  FunctionField field(10, [](double t, const double* y, double* dy) {
    for (int d = 0; d < 10; ++d) dy[d] = 0;
    dy[0] = y[0] * std::cos(t);
  });
  Matrix<double> y0 = Matrix<double>::Ones(10, 1);
  const auto run = [&](NormKind kind, double tolerance) {
    SolverOptions options = adaptive("dopri5", tolerance, tolerance);
    options.norm.kind = kind;
    Solver<double> solver(options);
    const SolveReport& report = solver.solve(field, y0, column({0, 10}));
    REQUIRE(report.succeeded());
    return report.nfe();
  };
  CHECK(run(NormKind::max, 1e-6) > run(NormKind::rms, 1e-6));
  // And by just that factor.
  const Count rms = run(NormKind::rms, 1e-6 / std::sqrt(10.0)), largest = run(NormKind::max, 1e-6);
  CHECK(20 * std::abs(rms - largest) <= largest);
}

TEST_CASE("norm: a weight of zero leaves a component out, others scale") {
  // The second component is fast and is driven by nothing; the first does not know it.
  FunctionField field(2, [](double t, const double* y, double* dy) {
    dy[0] = y[0] * std::cos(t);
    dy[1] = 30 * std::cos(30 * t);
  });
  FunctionField alone(1, [](double t, const double* y, double* dy) { dy[0] = y[0] * std::cos(t); });
  const auto run = [](FunctionField& f, const Matrix<double>& y0, NormKind kind,
                      std::initializer_list<double> weights) {
    SolverOptions options = adaptive("dopri5", 1e-6, 1e-6);
    options.norm.kind = kind;
    if (weights.size() > 0) options.norm.weights = column(weights);
    Solver<double> solver(options);
    const SolveReport& report = solver.solve(f, y0, column({0, 10}));
    REQUIRE(report.succeeded());
    return report.nfe();
  };
  for (const NormKind kind : {NormKind::rms, NormKind::max}) {
    const Count both = run(field, column({1, 0}), kind, {});
    const Count seminorm = run(field, column({1, 0}), kind, {1, 0});
    CHECK(seminorm == run(alone, column({1}), kind, {}));
    CHECK(both > 3 * seminorm);
    const Count little = run(field, column({1, 0}), kind, {1, 1e-3});
    CHECK(little < both);
    CHECK(little > seminorm);
  }
  // All weights times a constant: a weighted mean stays, the largest product grows.
  CHECK(run(field, column({1, 0}), NormKind::rms, {5, 5}) ==
        run(field, column({1, 0}), NormKind::rms, {}));
  CHECK(run(field, column({1, 0}), NormKind::max, {5, 5}) >
        run(field, column({1, 0}), NormKind::max, {}));
}

TEST_CASE("shared steps: the whole batch takes the same ones, at no less cost") {
  // y' = -k (y - cos t), k = the second component: very different stiffness.
  FunctionField field(2, [](double t, const double* y, double* dy) {
    dy[0] = -y[1] * (y[0] - std::cos(t));
    dy[1] = 0;
  });
  Matrix<double> y0(2, 4);
  y0 << 0, 0, 0, 0, 0.5, 5, 50, 500;
  const Matrix<double> times = column({0, 3, 10});
  const auto exact = [](double k, double t) {
    const double a = k * k / (1 + k * k), b = k / (1 + k * k);
    return a * std::cos(t) + b * std::sin(t) - a * std::exp(-k * t);
  };
  Count evaluations[2] = {};
  for (const bool shared : {false, true}) {
    CAPTURE(shared);
    SolverOptions options = adaptive("dopri5", 1e-6, 1e-6);
    options.shared_steps = shared;
    Solver<double> solver(options);
    Steps steps(4);
    REQUIRE(solver.solve(field, y0, times, {.sink = &steps}).succeeded());
    for (Index s = 0; s < 4; ++s) {
      for (const Index row : {1, 2}) {
        const double y = solver.states()[static_cast<std::size_t>(row)](0, s);
        CHECK(std::abs(y - exact(y0(1, s), times(row, 0))) < 2e-5);
      }
    }
    const auto same = [](const Steps::Step& a, const Steps::Step& b) {
      return a.t == b.t && a.h == b.h;
    };
    for (std::size_t s = 1; s < 4; ++s) {
      const bool equal = std::equal(steps.taken[0].begin(), steps.taken[0].end(),
                                    steps.taken[s].begin(), steps.taken[s].end(), same);
      CHECK(equal == shared);
    }
    evaluations[shared] = total(solver.report().nfe_per_sample);
  }
  CHECK(evaluations[0] < 0.5 * static_cast<double>(evaluations[1]));
}

TEST_CASE("Newton: a linear field needs few Jacobians, whatever the number of steps") {
  PowerField field((Matrix<double>(2, 2) << -1000, 0, 1, -1).finished());
  for (const char* method : {"implicit_euler", "trapezoid", "kvaerno3", "kvaerno5", "kencarp5"}) {
    CAPTURE(std::string(method));
    Solver<double> solver(adaptive(method, 1e-6, 1e-8));
    const SolveReport& report = solver.solve(field, column({1, 1}), column({0, 10}));
    REQUIRE(report.succeeded());
    CHECK(report.jacobians() >= 1);
    CHECK(report.jacobians() <= 2);
    CHECK(report.accepted > 20);
    // y1 = e^(-1000 t), y2 = e^(-t) + (e^(-t) - e^(-1000 t)) / 999.
    CHECK(solver.states()[1](1, 0) ==
          doctest::Approx(std::exp(-10.0) * (1 + 1.0 / 999)).epsilon(0.01));
  }
}

TEST_CASE("Newton: a fixed step that is too long fails, and adaptive steps find their length") {
  auto field = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = -10.0 * y[0] * y[0] * y[0]; });
  const ButcherTableau& method = *find_method("implicit_euler");
  Solver<double> fixed(fixed_options(method, 1));
  CHECK(fixed.solve(field, column({1}), unit).status == SolveStatus::newton_failed);
  CHECK(fixed.report().t == 0);
  CHECK(fixed.report().h == 1);
  CHECK(std::isnan(fixed.states()[1](0, 0)));

  Solver<double> adapting(adaptive_options(method, 1e-5, 1e-5));
  REQUIRE(adapting.solve(field, column({1}), unit).succeeded());
  // y = 1 / sqrt(1 + 20 t)
  CHECK(adapting.states()[1](0, 0) == doctest::Approx(1 / std::sqrt(21.0)).epsilon(1e-3));
}

TEST_CASE("options: weights and a safety factor that make no sense are refused") {
  auto field = cosine();
  const auto refused = [&](const SolverOptions& options) {
    Solver<double> solver(options);
    return solver.solve(field, column({1}), unit).status == SolveStatus::invalid;
  };
  SolverOptions options = adaptive("dopri5", 1e-6, 1e-6);
  CHECK_FALSE(refused(options));
  for (const double safety : {0.1, 1.0, 1.5, std::nan("")}) {
    options.controller.safety = safety;
    CHECK(refused(options));
  }
  options.controller.safety = 0.9;
  for (const double weight : {0.0, -1.0, std::nan("")}) {
    options.norm.weights = column({weight});
    CHECK(refused(options));
  }
}
