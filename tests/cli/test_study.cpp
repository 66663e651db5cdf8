// The studies of `neural-ode study`.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/study/study.h"
#include "engine/analysis/lyapunov.h"
#include "engine/analysis/separable.h"

using namespace neural_ode;
using nlohmann::json;

TEST_CASE("study: every study answers with JSON and a picture") {
  for (const std::string_view study : study_names()) {
    CAPTURE(study);
    StudyRequest request;
    request.study = study;
    request.system = "spiral";
    request.max_steps = 20000;
    request.samples = study == "batch" ? std::optional<int>(8) : std::nullopt;
    const StudyOutcome outcome = run_study(request);
    REQUIRE(outcome.answer);
    const json answer = json::parse(outcome.answer->json);
    CHECK(answer.at("study") == study);
    CHECK(outcome.answer->svg.find("</svg>") != std::string::npos);
    CHECK(outcome.answer->svg.find("nan") == std::string::npos);
  }
}

TEST_CASE("study: the spiral's numbers are those of its matrix") {
  StudyRequest request;
  request.study = "stability";
  request.system = "spiral";
  const StudyOutcome stability = run_study(request);
  REQUIRE(stability.answer);
  const json rates = json::parse(stability.answer->json);
  CHECK(rates["points"][200]["eigenvalues"][0][0] == doctest::Approx(-0.1));
  CHECK(rates["points"][200]["eigenvalues"][0][1] == doctest::Approx(1));
  CHECK(rates["points"][200]["divergence"] == doctest::Approx(-0.2));
  CHECK(rates["lyapunov"]["exponent"] == doctest::Approx(-0.1));

  request.study = "order";
  request.methods = {"rk4", "heun"};
  request.duration = 3;
  const json order = json::parse(run_study(request).answer->json);
  CHECK(order["times"] == json({0, 3}));
  REQUIRE(order["methods"].size() == 2);
  CHECK(std::abs(order["methods"][0]["measured_order"].get<double>() - 4) < 0.1);
  CHECK(std::abs(order["methods"][1]["measured_order"].get<double>() - 2) < 0.1);

  request.study = "precision";
  request.methods = {"dopri5"};
  request.tolerances = {1e-4, 1e-8};
  const json precision = json::parse(run_study(request).answer->json);
  // y0 turned by 3 and shrunk by e^-0.3.
  const double u = 0.6, v = 0.3, s = std::exp(-0.3);
  CHECK(precision["reference"]["y"][0] ==
        doctest::Approx(s * (u * std::cos(3.0) - v * std::sin(3.0))).epsilon(1e-12));
  REQUIRE(precision["methods"][0]["points"].size() == 2);
  CHECK(precision["methods"][0]["points"][1]["rtol"] == 1e-8);
  CHECK(precision["methods"][0]["points"][1]["error"].get<double>() < 1e-6);
}

TEST_CASE("study: a method without a solution says so in the legend") {
  // Euler's 8 to 2^14 steps of the cubic spiral over a long time: each of them spirals out.
  const StudyOutcome outcome =
      run_study({"precision", "cubic_spiral", {"euler", "tsit5"}, {}, 400});
  REQUIRE(outcome.answer);
  CHECK(outcome.answer->svg.find(">Euler: no solution<") != std::string::npos);
  CHECK(outcome.answer->svg.find(">Tsitouras 5(4)<") != std::string::npos);
}

TEST_CASE("study: a system with other parameters, from another state") {
  StudyRequest request;
  request.study = "precision";
  request.system = "spiral";
  request.set = {"damping=0", "frequency=2"};
  request.y0 = {3, 0};
  request.duration = 1;
  request.tolerances = {1e-9};
  request.methods = {"tsit5", "leapfrog"};
  const json answer = json::parse(run_study(request).answer->json);
  CHECK(answer["parameters"] == json({{"damping", 0.0}, {"frequency", 2.0}}));
  CHECK(answer["reference"]["y"][0] == doctest::Approx(3 * std::cos(2.0)).epsilon(1e-11));
  CHECK(answer["reference"]["y"][1] == doctest::Approx(3 * std::sin(2.0)).epsilon(1e-11));
  CHECK(answer["methods"].size() == 2);  // without damping the spiral is separable
  CHECK_FALSE(answer.contains("left_out"));

  request.set = {};
  const json damped = json::parse(run_study(request).answer->json);
  REQUIRE(damped["methods"].size() == 1);
  CHECK(damped["left_out"][0]["name"] == "leapfrog");
  CHECK(damped["left_out"][0]["reason"].get<std::string>().find("q' = f(t, p)") !=
        std::string::npos);
  request.methods = {"leapfrog"};
  CHECK(run_study(request).message.find("leapfrog: the field is not") == 0);

  // Solves that were given up are told with what they had cost.
  request.methods = {"heun"};
  request.max_steps = 20;
  const json given_up = json::parse(run_study(request).answer->json);
  CHECK(given_up["methods"][0]["failed"][0]["status"] == "max_steps");
  CHECK(given_up["methods"][0]["failed"][0]["nfe"] > 20);
  CHECK(given_up["methods"][0]["failed"][0]["t"] < 1);
}

TEST_CASE("study: batch tells what each sample costs") {
  StudyRequest request;
  request.study = "batch";
  request.system = "van_der_pol";
  request.vary = "mu=1:100";
  request.samples = 5;
  request.duration = 10;
  request.methods = {"dopri5", "rk4"};
  const StudyOutcome outcome = run_study(request);
  REQUIRE(outcome.answer);
  const json answer = json::parse(outcome.answer->json);
  CHECK(answer["varied"] == json({{"name", "mu"}, {"from", 1.0}, {"to", 100.0}, {"samples", 5}}));
  REQUIRE(answer["methods"].size() == 1);  // rk4 has no steps of its own choice
  const json& row = answer["methods"][0];
  CHECK(row["same_alone"] == true);
  const double own = row["own_steps"]["evaluations"], shared = row["shared_steps"]["evaluations"];
  CHECK(row["ratio"] == doctest::Approx(shared / own));
  CHECK(row["ratio"] > 1);
  CHECK(shared == 5 * row["shared_steps"]["most"].get<double>());
}

TEST_CASE("study: what cannot be asked is told apart from what cannot be computed") {
  const auto refused = [](StudyRequest request) {
    const StudyOutcome outcome = run_study(request);
    CHECK_FALSE(outcome.answer);
    CHECK(outcome.bad_request);
    return outcome.message;
  };
  CHECK(refused({"ordr", "spiral", {}, {}, {}}) ==
        "unknown study 'ordr'; there are: precision, order, batch, stability, memory; did you mean "
        "'order'?");
  CHECK(refused({"order", "spirl", {}, {}, {}}).find("did you mean 'spiral'?") !=
        std::string::npos);
  CHECK(refused({"order", "spiral", {"rk5"}, {}, {}}).find("unknown method 'rk5'") == 0);
  CHECK(refused({"order", "spiral", {}, {1e-3}, {}}) ==
        "tolerances: only the studies 'precision' and 'batch' take them");
  CHECK(refused({"precision", "spiral", {}, {0}, {}}).find("tolerances: expected") == 0);
  CHECK(refused({"precision", "spiral", {}, {}, -1}) ==
        "duration: expected a finite number > 0, found -1");
  const auto refused_with = [&](auto change) {
    StudyRequest request{"batch", "van_der_pol", {}, {}, {}};
    change(request);
    return refused(request);
  };
  CHECK(refused_with([](auto& r) { r.set = {"mu"}; }) == "set: expected NAME=NUMBER, found 'mu'");
  CHECK(refused_with([](auto& r) { r.set = {"nu=1"}; }).find("set: unknown parameter 'nu'") == 0);
  CHECK(refused_with([](auto& r) { r.set = {"mu=big"}; }) ==
        "set: mu: expected a finite number, found 'big'");
  CHECK(refused_with([](auto& r) { r.y0 = {1}; }) == "y0: expected 2 numbers, found 1");
  CHECK(refused_with([](auto& r) { r.atol_ratio = -1; }) ==
        "atol_ratio: expected a finite number >= 0, found -1");
  CHECK(refused_with([](auto& r) { r.max_steps = 0; }) == "max_steps: expected at least 1");
  CHECK(refused_with([](auto& r) { r.samples = 1; }) == "samples: expected at least 2");
  CHECK(refused_with([](auto& r) { r.vary = "mu"; }) == "vary: expected NAME=LOW:HIGH, found 'mu'");
  CHECK(refused_with([](auto& r) { r.vary = "m=1:2"; }).find("vary: unknown parameter 'm'") == 0);
  CHECK(refused_with([](auto& r) { r.vary = "mu=2:1"; }) ==
        "vary: expected NAME=LOW:HIGH with finite LOW < HIGH, found 'mu=2:1'");
  CHECK(refused_with([](auto& r) {
          r.tolerances = {1e-3, 1e-4};
        }) == "tolerances: 'batch' takes one");
  CHECK(refused_with([](auto& r) {
          r.study = "order";
          r.samples = 3;
        }) == "vary and samples: only the study 'batch' takes them");
  const StudyOutcome failed = run_study({"stability", "spiral", {"rk4"}, {}, {}});
  CHECK_FALSE(failed.answer);
  CHECK_FALSE(failed.bad_request);
  CHECK(failed.message == "expected a method that chooses its own steps");
}

TEST_CASE("study: memory says what it could not solve, and takes one method") {
  using nlohmann::json;
  const StudyOutcome outcome = run_study({"memory", "lorenz", {}, {}, 60});
  REQUIRE(outcome.answer);
  const json answer = json::parse(outcome.answer->json);
  CHECK(answer["method"]["name"] == "rk4");
  REQUIRE(answer["strategies"].size() == 5);
  for (const json& row : answer["strategies"])
    CHECK(row["points"].size() + row["failed"].size() == 3);
  // Steps of .6 are too long for Lorenz.
  CHECK(answer["strategies"][0]["failed"][0]["steps"] == 100);
  CHECK(answer["strategies"][0]["failed"][0]["status"] == "non_finite");
  const StudyOutcome refused = run_study({"memory", "spiral", {"rk4", "heun"}, {}, {}});
  CHECK(refused.bad_request);
  CHECK(refused.message == "methods: the study 'memory' takes one");
}
