#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/problem/gradient_report.h"
#include "cli/problem/problem.h"
#include "cli/problem/problem_vocabulary.h"

using namespace neural_ode;
using nlohmann::json;

namespace {

std::vector<double> numbers(const json& value) {
  if (value.is_number()) return {value.get<double>()};
  std::vector<double> list;
  for (const json& part : value) {
    const std::vector<double> inner = numbers(part);
    list.insert(list.end(), inner.begin(), inner.end());
  }
  return list;
}

// Largest difference, relative to the largest expected number.
double relative_error(const json& found, const json& expected) {
  const std::vector<double> a = numbers(found), b = numbers(expected);
  REQUIRE(a.size() == b.size());
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(b[i]));
  }
  return difference / scale;
}

json read_reference(const std::string& name) {
  std::ifstream file(NEURAL_ODE_SOURCE_DIR "/tests/reference/" + name + ".json");
  std::ostringstream text;
  text << file.rdbuf();
  const json value = json::parse(text.str(), nullptr, false);
  REQUIRE(value.is_object());
  return value;
}

// A small valid problem to break.
json good() {
  return json::parse(R"({
    "field": {"type": "mlp", "time_input": true, "layers": [
      {"weight": [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], "bias": [0, 1], "activation": "tanh"},
      {"weight": [[1, -1], [0.5, 0.25]], "bias": [0, 0], "activation": "identity"}]},
    "y0": [[1, 2], [3, 4], [5, 6]],
    "times": [0, 0.5, 1],
    "solver": {"method": "rk4", "step_size": 0.1}
  })");
}

json good_with_loss() {
  json problem = good();
  const json target = {{0, 0}, {1, 0}, {0, 1}};
  problem["loss"] = {{"type", "mse"}, {"target", {target, target, target}}};
  return problem;
}

json good_flow() {
  json problem = good();
  for (const char* key : {"y0", "times"}) problem.erase(key);
  problem["x"] = {{0.3, 0.2}, {-0.5, 0.1}, {0.6, 0.4}};
  problem["flow"] = json::object();
  problem["loss"] = {{"type", "nll"}};
  return problem;
}

constexpr const char* adaptive_references[] = {"mlp_elu_irregular", "mlp_silu_backward_time",
                                               "mlp_tanh_tight", "mlp_time_softplus_tight"};
struct Row {
  const char* name;
  int order;
};
constexpr Row fixed_references[] = {
    {"mlp_tanh_euler_times", 1}, {"mlp_sigmoid_midpoint", 2}, {"mlp_tanh_rk4", 4}};

std::vector<GradientRequest> all_requests() {
  return {{"discrete", {}},
          {"discrete", {.checkpoints = 5}},
          {"interpolated", {}},
          {"interpolated", {.seminorm = false}},
          {"backsolve", {}},
          {"backsolve", {.seminorm = false}},
          {"backsolve", {.reset = true}}};
}

json gradient_of(const json& problem, const GradientRequest& request) {
  const auto answer = grad_problem(problem.dump(), request);
  REQUIRE(answer);
  const json found = json::parse(answer.value().json, nullptr, false);
  CHECK(found["status"] == "ok");
  return found;
}

void check_layers(const json& found, const json& expected, double tolerance) {
  REQUIRE(found["grad_layers"].size() == expected["grad_layers"].size());
  for (std::size_t i = 0; i < expected["grad_layers"].size(); ++i) {
    for (const char* part : {"weight", "bias"}) {
      CHECK(relative_error(found["grad_layers"][i][part], expected["grad_layers"][i][part]) <
            tolerance);
    }
  }
}

void check_reference(const char* name, const GradientRequest& request, double tolerance,
                     double gradient_tolerance) {
  CAPTURE(std::string(name));
  const json reference = read_reference(name);
  const json& expected = reference["expected"];
  const json found = gradient_of(reference["problem"], request);
  CHECK(relative_error(found["y"], expected["y"]) < tolerance);
  CHECK(relative_error(found["loss"], expected["loss"]) < tolerance);
  CHECK(relative_error(found["grad_y0"], expected["grad_y0"]) < gradient_tolerance);
  CHECK(relative_error(found["grad_times"], expected["grad_times"]) < gradient_tolerance);
  check_layers(found, expected, gradient_tolerance);
  CHECK(found["stats"]["nvjp"] > 0);
  CHECK(found["stats"]["state_bytes"] > 0);

  const auto solved = solve_problem(reference["problem"].dump());
  REQUIRE(solved);
  const json solution = json::parse(solved.value().json, nullptr, false);
  CHECK(relative_error(solution["y"], expected["y"]) < tolerance);
  CHECK(solution["stats"]["nfe"] > 0);
}

std::string error_of(const json& problem) {
  const auto answer = solve_problem(problem.dump());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().find('\n') == std::string::npos);
  return answer.error();
}

std::string error_after(const char* pointer, const json& value) {
  json problem = good();
  problem[json::json_pointer(pointer)] = value;
  return error_of(problem);
}

}  // namespace

TEST_CASE("problem: gradients of the steps taken agree with the independent reference") {
  for (const char* name : adaptive_references) check_reference(name, {}, 1e-7, 1e-6);
  for (const Row& row : fixed_references) check_reference(row.name, {}, 1e-10, 1e-9);
  for (const Row& row : fixed_references) {
    GradientRequest request;
    request.options.checkpoints = 3;
    check_reference(row.name, request, 1e-10, 1e-9);
  }
}

TEST_CASE("problem: tight gradients agree with the reference by every strategy") {
  for (const char* name : adaptive_references) {
    for (const GradientRequest& request : all_requests()) {
      CAPTURE(request.strategy);
      check_reference(name, request, 1e-7, 1e-6);
    }
  }
}

TEST_CASE("problem: log densities and their gradients agree with the reference by every strategy") {
  for (const char* name : {"cnf_exact_2d", "cnf_exact_3d_softplus"}) {
    const json reference = read_reference(name);
    const json& expected = reference["expected"];
    const std::string problem = reference["problem"].dump();
    const auto solved = solve_problem(problem);
    REQUIRE(solved);
    const json solution = json::parse(solved.value().json, nullptr, false);
    for (const GradientRequest& request : all_requests()) {
      CAPTURE(std::string(name));
      CAPTURE(request.strategy);
      const auto answer = grad_problem(problem, request);
      REQUIRE(answer);
      const json found = json::parse(answer.value().json, nullptr, false);
      for (const char* key : {"z", "log_prob"}) {
        CHECK(relative_error(found[key], expected[key]) < 1e-7);
        CHECK(relative_error(solution[key], expected[key]) < 1e-7);
      }
      CHECK(relative_error(found["loss"], expected["loss"]) < 1e-7);
      check_layers(found, expected, 1e-6);
      CHECK_FALSE(found.contains("y"));
      CHECK_FALSE(found.contains("grad_y0"));
      CHECK(found["stats"]["nvjp"] > 0);
      CHECK(found["stats"]["nfe_backward"] >= 0);
      CHECK(solution["stats"]["nfe"] > 0);
    }
  }
}

TEST_CASE(
    "problem: continuous gradients of fixed steps are off by an error of the method's order") {
  for (const Row& row : fixed_references) {
    json problem = read_reference(row.name)["problem"];
    const double step = problem["solver"]["step_size"];
    for (const char* strategy : {"interpolated", "backsolve"}) {
      CAPTURE(std::string(row.name));
      CAPTURE(std::string(strategy));
      // Against the exact gradient of the same steps.
      const auto difference = [&](double step_size) {
        problem["solver"]["step_size"] = step_size;
        const json exact = gradient_of(problem, {});
        const json found = gradient_of(problem, {.strategy = strategy});
        CHECK(found["y"] == exact["y"]);
        return relative_error(found["grad_y0"], exact["grad_y0"]);
      };
      const double coarse = difference(step / 4), fine = difference(step / 8);
      CHECK(coarse > 1e-12);
      CHECK(std::abs(std::log2(coarse / fine) - row.order) < 0.35);
    }
  }
}

TEST_CASE("problem: only the gradient of the steps taken is solved for more strictly than asked") {
  const json problem = read_reference("mlp_tanh_tight")["problem"];
  CHECK(gradient_of(problem, {})["stats"]["rtol"] == doctest::Approx(1e-12));
  for (const char* strategy : {"interpolated", "backsolve"}) {
    const json stats = gradient_of(problem, {.strategy = strategy})["stats"];
    CHECK(stats["rtol"] == 1e-10);
    CHECK(stats["atol"] == 1e-10);
    CHECK(stats["nfe"] == json::parse(solve_problem(problem.dump()).value().json)["stats"]["nfe"]);
  }
}

TEST_CASE(
    "problem: checkpoints, the norm and the reset of the adjoint change cost, not the result") {
  json problem = read_reference("mlp_tanh_tight")["problem"];
  const json all = gradient_of(problem, {});
  GradientRequest request;
  request.options.checkpoints = 4;
  const json few = gradient_of(problem, request);
  CHECK(few["grad_layers"] == all["grad_layers"]);
  CHECK(few["stats"]["state_bytes"] < all["stats"]["state_bytes"]);
  CHECK(few["stats"]["nfe_backward"] > all["stats"]["nfe_backward"]);

  request = {.strategy = "backsolve"};
  const json semi = gradient_of(problem, request);
  request.options.seminorm = false;
  const json full = gradient_of(problem, request);
  CHECK(full["stats"]["state_bytes"] > semi["stats"]["state_bytes"]);
  CHECK(full["grad_y0"] != semi["grad_y0"]);
  request = {.strategy = "backsolve"};
  request.options.reset = true;
  CHECK(gradient_of(problem, request)["grad_y0"] != semi["grad_y0"]);
}

TEST_CASE("problem: options that a gradient does not have are refused") {
  const std::string problem = good_with_loss().dump();
  const auto error = [&](const char* strategy, GradientOptions options) {
    return grad_problem(problem, {strategy, options}).error();
  };
  CHECK(error("backsolve", {.checkpoints = 3}) ==
        "checkpoints: expected discrete, found backsolve");
  CHECK(error("discrete", {.checkpoints = -1}) == "checkpoints: expected a number >= 0");
  CHECK(error("discrete", {.seminorm = false}) ==
        "norm: expected interpolated or backsolve, found discrete");
  CHECK(error("interpolated", {.reset = true}) == "reset: expected backsolve, found interpolated");
  json multistep = good_with_loss();
  multistep["solver"]["method"] = "abm4";
  CHECK(grad_problem(multistep.dump(), {.strategy = "backsolve"})
            .error()
            .find("/solver/method: backsolve: expected a one-step method") == 0);
}

TEST_CASE("report: every strategy is compared with central differences") {
  json problem = good_with_loss();
  problem["solver"] = {{"method", "tsit5"}, {"rtol", 1e-8}, {"atol", 1e-8}};
  const auto answer = gradient_report(problem.dump());
  REQUIRE(answer);
  const json found = json::parse(answer.value().json, nullptr, false);
  REQUIRE(found["report"].size() == 7);
  for (const json& row : found["report"]) {
    CAPTURE(row.dump());
    CHECK(row["status"] == "ok");
    for (const char* key : {"error_y0", "error_theta", "error_times"}) CHECK(row[key] < 1e-6);
    CHECK(row["nvjp"] > 0);
    CHECK(row["state_bytes"] > 0);
  }
  CHECK(found["differences"]["y0"] == json({{"entries", 6}, {"compared", 6}}));
  CHECK(found["differences"]["theta"]["entries"] == 14);
  CHECK(found["differences"]["times"]["entries"] == 3);

  // Steps of fixed length, ten of them between two times whatever the times are moved to.
  problem["solver"] = {{"method", "midpoint"}, {"step_size", 0.05}};
  const json fixed = json::parse(gradient_report(problem.dump()).value().json, nullptr, false);
  for (const std::size_t row : {0U, 1U}) {
    for (const char* key : {"error_y0", "error_theta", "error_times"})
      CHECK(fixed["report"][row][key] < 1e-9);
  }
  CHECK(fixed["report"][2]["error_y0"] > 1e-7);
  CHECK(fixed["report"][1]["checkpoints"] == 5);

  problem["solver"]["method"] = "abm4";
  const json multistep = json::parse(gradient_report(problem.dump()).value().json, nullptr, false);
  CHECK(multistep["report"][0]["error_theta"] < 1e-9);
  for (const std::size_t row : {2U, 3U, 4U, 5U, 6U}) {
    CHECK(multistep["report"][row]["reason"].get<std::string>().find("expected a one-step") !=
          std::string::npos);
    CHECK_FALSE(multistep["report"][row].contains("error_y0"));
  }
}

TEST_CASE("report: where the problem backwards is unstable, backsolve is seen to be wrong") {
  const json problem = {
      {"field", {{"type", "system"}, {"name", "van_der_pol"}, {"params", {{"mu", 20}}}}},
      {"y0", {{2, 0.1}}},
      {"times", {0, 1, 3}},
      {"solver", {{"method", "midpoint"}, {"rtol", 1e-5}, {"atol", 1e-7}}},
      {"loss", {{"type", "mse"}, {"target", {{{0, 0}}, {{1, 0}}, {{0, 0}}}}}}};
  const json report = json::parse(gradient_report(problem.dump()).value().json)["report"];
  for (const std::size_t row : {0U, 2U, 3U}) CHECK(report[row]["error_theta"] < 1e-3);
  for (const std::size_t row : {4U, 5U, 6U}) CHECK(report[row]["error_theta"] > 1);
}

TEST_CASE("report: of a flow, of many entries, and of a problem that cannot be solved") {
  json flow = good_flow();
  flow["solver"] = {{"method", "dopri5"}, {"rtol", 1e-8}, {"atol", 1e-8}};
  const json found = json::parse(gradient_report(flow.dump()).value().json, nullptr, false);
  for (const json& row : found["report"]) {
    CHECK(row["error_theta"] < 1e-6);
    CHECK(row["error_y0"].is_null());
  }

  json many = good_with_loss();
  many["y0"] = json::array();
  for (int s = 0; s < 75; ++s) many["y0"].push_back({0.01 * s, 1 - 0.02 * s});
  for (json& target : many["loss"]["target"]) target = many["y0"];
  const json report = json::parse(gradient_report(many.dump()).value().json, nullptr, false);
  CHECK(report["differences"]["y0"] == json({{"entries", 150}, {"compared", 100}}));
  CHECK(report["report"][0]["error_y0"] < 1e-8);

  // y' = y^2 entry by entry has no solution at 1 from 2.
  const json lost = {{"field",
                      {{"type", "system"},
                       {"name", "cubic_spiral"},
                       {"params", {{"damping", -5}, {"frequency", 0}}}}},
                     {"y0", {{2, 0}}},
                     {"times", {0, 1}},
                     {"solver", {{"method", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-6}}},
                     {"loss", {{"type", "mse"}, {"target", {{{2, 0}}, {{0, 0}}}}}}};
  const auto failed = gradient_report(lost.dump());
  REQUIRE(failed);
  CHECK_FALSE(failed.value().ok);
  CHECK(json::parse(failed.value().json)["report"].empty());
  CHECK(gradient_report(good().dump()).error().find("/loss: expected ") == 0);
}

TEST_CASE("problem: Hutchinson's log density has its own exact gradient, and its seed's probes") {
  json problem = good_flow();
  problem["flow"] = {{"trace", "hutchinson"}, {"probes", 2}, {"seed", 3}, {"t0", -0.2}};
  const auto answer = grad_problem(problem.dump());
  REQUIRE(answer);
  const json found = json::parse(answer.value().json, nullptr, false);
  for (const char* entry : {"/0/weight/1/0", "/0/weight/0/2", "/0/bias/1", "/1/weight/0/1"}) {
    CAPTURE(std::string(entry));
    const auto loss = [&](double shift) {
      json moved = problem;
      json& value = moved["field"]["layers"][json::json_pointer(entry)];
      value = value.get<double>() + shift;
      const json log_prob = json::parse(solve_problem(moved.dump()).value().json)["log_prob"];
      double sum = 0;
      for (const double each : numbers(log_prob)) sum -= each;
      return sum / static_cast<double>(log_prob.size());
    };
    CHECK(found["grad_layers"][json::json_pointer(entry)].get<double>() ==
          doctest::Approx((loss(1e-5) - loss(-1e-5)) / 2e-5).epsilon(1e-7));
  }
  const auto log_prob = [&](const char* key, const json& value) {
    json changed = problem;
    changed["flow"][key] = value;
    return json::parse(solve_problem(changed.dump()).value().json)["log_prob"];
  };
  CHECK(log_prob("seed", 3) == found["log_prob"]);
  CHECK(log_prob("seed", 4) != found["log_prob"]);
  CHECK(log_prob("probes", 3) != found["log_prob"]);
  CHECK(log_prob("trace", "exact") != found["log_prob"]);
}

TEST_CASE("problem: mistakes in a flow are named with their place and what was expected") {
  CHECK(solve_problem(good_flow().dump()));
  const auto error_with = [](const char* pointer, const json& value) {
    json problem = good_flow();
    problem[json::json_pointer(pointer)] = value;
    return error_of(problem);
  };
  const std::string alone = "expected x and flow alone, which take the place of y0 and times";
  CHECK(error_with("/y0", {{1, 2}}) == "/y0: " + alone + ", found a list");
  CHECK(error_with("/times", {0, 1}) == "/times: " + alone + ", found a list");
  CHECK(error_with("/x/1", {1}) == "/x/1: expected 2 numbers, found 1");
  CHECK(error_with("/x", 1) == "/x: expected a list of states, found 1");
  CHECK(error_with("/flow/trace", "guess") ==
        "/flow/trace: expected exact or hutchinson, found \"guess\"");
  CHECK(error_with("/flow/base", "uniform") == "/flow/base: expected normal, found \"uniform\"");
  CHECK(error_with("/flow/t1", 0) == "/flow/t1: expected a number other than t0, found 0");
  CHECK(error_with("/flow/t0", 1) == "/flow/t0: expected a number other than t1, found 1");
  CHECK(error_with("/flow/t1", "x") == "/flow/t1: expected a number, found \"x\"");
  CHECK(error_with("/flow/probes", 0) ==
        "/flow/probes: expected a whole number from 1 to 10000, found 0");
  CHECK(error_with("/flow/seed", 0.5).find("/flow/seed: expected a whole number from 0 to ") == 0);
  CHECK(error_with("/flow/speed", 1).find("/flow/speed: expected only trace, base, ") == 0);
  CHECK(error_with("/loss", {{"type", "mse"}}) ==
        "/loss/type: expected nll, the loss of a flow, found \"mse\"");
  CHECK(error_with("/loss", {{"type", "nll"}, {"target", 1}}).find("/loss/target: ") == 0);
  CHECK(error_with("/field", {{"type", "system"}, {"name", "cubic_spiral"}}) ==
        "/field/type: expected mlp or linear as the field of a flow, found \"system\"");
  CHECK(error_with("/solver/method", "rk5").find("/solver/method: expected euler, ") == 0);
  for (const char* key : {"x", "flow"}) {
    json problem = good_flow();
    problem.erase(key);
    CHECK(error_of(problem).find(std::string("/") + key + ": expected ") == 0);
  }

  json problem = good_flow();
  problem["field"]["layers"][0]["activation"] = "relu";
  CHECK(solve_problem(problem.dump()));
  CHECK(grad_problem(problem.dump()).error() ==
        "/field/layers/0/activation: expected an activation with a second derivative, which the "
        "gradient of a trace needs, found \"relu\"");
  problem.erase("loss");
  CHECK(grad_problem(problem.dump()).error() ==
        "/loss: expected an object with type, found nothing");
}

TEST_CASE("problem: a linear field has the published gradients of the damped rotation") {
  const char* text = R"({"field": {"type": "linear", "matrix": [[0.1, -1], [1, -0.1]]},
    "y0": [[0.9, 5.4]], "times": [0.3, 9.5],
    "solver": {"method": "tsit5", "rtol": 1e-10, "atol": 1e-10},
    "loss": {"type": "mse", "target": [[[0.9, 5.4]], [[0, 0]]]}})";
  const auto answer = grad_problem(text);
  REQUIRE(answer);
  const json found = json::parse(answer.value().json, nullptr, false);
  CHECK(relative_error(found["y"][1], json({{-2.295253432998, -5.106255145280}})) < 1e-9);
  // L = (y1^2 + y2^2) / 4: with y1 = y2 the published gradient of the sum would come out; here the
  // gradient in the matrix is checked by a central difference.
  const auto loss = [](double a12) {
    json problem = {{"field", {{"type", "linear"}, {"matrix", {{0.1, a12}, {1, -0.1}}}}},
                    {"y0", {{0.9, 5.4}}},
                    {"times", {0.3, 9.5}},
                    {"solver", {{"method", "tsit5"}, {"rtol", 1e-13}, {"atol", 1e-13}}}};
    const json y = json::parse(solve_problem(problem.dump()).value().json)["y"][1][0];
    const double u = y[0], v = y[1];
    return (u * u + v * v) / 4;
  };
  const double difference = (loss(-1 + 1e-4) - loss(-1 - 1e-4)) / 2e-4;
  CHECK(found["grad_layers"][0]["weight"][0][1].get<double>() ==
        doctest::Approx(difference).epsilon(1e-6));
  CHECK_FALSE(found["grad_layers"][0].contains("bias"));
}

TEST_CASE("problem: built-in systems are solved") {
  json problem = {{"field", {{"type", "system"}, {"name", "cubic_spiral"}}},
                  {"y0", {{2, 0}}},
                  {"times", {0, 1}},
                  {"solver", {{"method", "dopri5"}, {"rtol", 1e-11}, {"atol", 1e-11}}},
                  {"loss", {{"type", "mse"}, {"target", {{{2, 0}}, {{0, 0}}}}}}};
  const auto answer = grad_problem(problem.dump());
  REQUIRE(answer);
  const json found = json::parse(answer.value().json, nullptr, false);
  CHECK(relative_error(found["y"][1], json({{0.709261743253, -1.504108457840}})) < 1e-9);
  const json vocabulary = json::parse(problem_vocabulary(), nullptr, false);
  CHECK(vocabulary["methods"].size() >= 6);
  CHECK(vocabulary["systems"].size() >= 11);
  for (const json& system : vocabulary["systems"]) {
    CAPTURE(system["name"].get<std::string>());
    const json look = {
        {"field", {{"type", "system"}, {"name", system["name"]}, {"params", system["params"]}}},
        {"y0", {system["y0"]}},
        {"times", system["times"]},
        {"solver", {{"method", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-9}}}};
    CHECK(solve_problem(look.dump()).value().ok);
  }
}

TEST_CASE("problem: parameters of a system change it") {
  // Without its damping term the oscillator is harmonic: x = 2 cos t.
  const json problem = {
      {"field", {{"type", "system"}, {"name", "van_der_pol"}, {"params", {{"mu", 0}}}}},
      {"y0", {{2, 0}}},
      {"times", {0, 1}},
      {"solver", {{"method", "dopri5"}, {"rtol", 1e-11}, {"atol", 1e-11}}}};
  const auto answer = solve_problem(problem.dump());
  REQUIRE(answer);
  const json found = json::parse(answer.value().json, nullptr, false);
  CHECK(relative_error(found["y"][1], json({{2 * std::cos(1.0), -2 * std::sin(1.0)}})) < 1e-9);
}

TEST_CASE("problem: gradients in a system's parameters are those of central differences") {
  const json vocabulary = json::parse(problem_vocabulary(), nullptr, false);
  for (const json& system : vocabulary["systems"]) {
    CAPTURE(system["name"].get<std::string>());
    json moved = system["y0"];
    for (json& entry : moved) entry = 0.9 * entry.get<double>() + 0.0001;
    json target = json::array({json::array(), json::array()});
    for (json& at : target) at = {moved, system["y0"]};
    json problem = {
        {"field", {{"type", "system"}, {"name", system["name"]}, {"params", system["params"]}}},
        {"y0", {system["y0"], moved}},
        {"times", {0.1, 0.3}},
        {"solver", {{"method", "rk4"}, {"step_size", 0.0005}}},
        {"loss", {{"type", "mse"}, {"target", target}}}};
    const auto gradient = [&] {
      const auto answer = grad_problem(problem.dump());
      REQUIRE(answer);
      return json::parse(answer.value().json, nullptr, false);
    };
    const json found = gradient()["grad_params"];
    REQUIRE(found.size() == system["params"].size());
    for (const auto& [key, value] : system["params"].items()) {
      const std::string name = key;  // clang 14 captures no structured binding
      CAPTURE(name);
      const double middle = value, step = 1e-4 * std::max(std::abs(middle), 0.01);
      json& moving = problem["field"]["params"][name];
      moving = middle + step;
      const double above = gradient()["loss"];
      moving = middle - step;
      const double below = gradient()["loss"];
      moving = middle;
      REQUIRE(found[name].is_number());
      CHECK(found[name].get<double>() != 0);
      CHECK(found[name].get<double>() ==
            doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
    }
  }
}

TEST_CASE("problem: a solve that fails is an answer with its status") {
  json problem = good();
  problem["solver"] = {{"method", "dopri5"}, {"rtol", 1e-12}, {"atol", 1e-12}, {"max_steps", 3}};
  const auto answer = solve_problem(problem.dump());
  REQUIRE(answer);
  CHECK_FALSE(answer.value().ok);
  const json found = json::parse(answer.value().json, nullptr, false);
  CHECK(found["status"] == "max_steps");
  CHECK(found["message"] == answer.value().message);
  CHECK(found["y"][0][2] == json({5.0, 6.0}));
  CHECK(found["y"][2][0][0].is_null());

  problem = good_flow();
  problem["solver"] = {{"method", "dopri5"}, {"rtol", 1e-12}, {"atol", 1e-12}, {"max_steps", 3}};
  const auto flow = solve_problem(problem.dump());
  REQUIRE(flow);
  const json unfinished = json::parse(flow.value().json, nullptr, false);
  CHECK(unfinished["status"] == "max_steps");
  CHECK(unfinished["log_prob"][0].is_null());
}

TEST_CASE("problem: mistakes are named with their place and what was expected") {
  CHECK(solve_problem(good().dump()));
  CHECK(error_after("/y0/2", {5}) == "/y0/2: expected 2 numbers, found 1");
  CHECK(error_after("/y0/1/1", "x") == "/y0/1/1: expected a number, found \"x\"");
  CHECK(error_after("/y0/1/1", nullptr) == "/y0/1/1: expected a number, found null");
  CHECK(error_after("/y0", json::array()) == "/y0: expected a list of states, found an empty list");
  CHECK(error_after("/field/layers/1/weight", {{1, 2, 3}, {4, 5, 6}}) ==
        "/field/layers/1/weight: expected 2 columns as layer 0 has 2 outputs, found 3");
  CHECK(error_after("/field/layers/0/weight/1", {1, 2}) ==
        "/field/layers/0/weight/1: expected 3 numbers, found 2");
  CHECK(error_after("/field/layers/0/bias", {1, 2, 3}) ==
        "/field/layers/0/bias: expected 2 numbers, found 3");
  CHECK(error_after("/field/time_input", false) ==
        "/field/layers/0/weight: expected 2 columns as the last layer has 2 outputs, found 3");
  CHECK(error_after("/field/layers/0/activation", "gelu")
            .find("/field/layers/0/activation: expected ") == 0);
  CHECK(error_after("/field/type", "cnn") ==
        "/field/type: expected mlp, linear or system, found \"cnn\"");
  const auto system_error = [](const json& params) {
    return error_after("/field",
                       {{"type", "system"}, {"name", "lotka_volterra"}, {"params", params}});
  };
  CHECK(system_error({{"mu", 1}}) ==
        "/field/params/mu: expected only a, b, c, d here, found an unknown key");
  CHECK(system_error({{"a", 1}, {"b", "x"}}) == "/field/params/b: expected a number, found \"x\"");
  CHECK(system_error({{"d", nullptr}}) == "/field/params/d: expected a number, found null");
  CHECK(system_error({1, 2}) == "/field/params: expected an object with a, b, c, d, found a list");
  CHECK(error_after("/field", {{"type", "system"}, {"name", "lorentz"}})
            .find("/field/name: expected spiral, ") == 0);
  CHECK(error_after("/field/layer", 1)
            .find("/field/layer: expected only type, time_input, layers here") == 0);
  CHECK(error_after("/speed", 1).find("/speed: expected only ") == 0);
  CHECK(error_after("/a~1b", 1).find("/a~1b: ") == 0);
  CHECK(error_after("/times", {0, 1, 1}) == "/times/2: expected a number above 1, found 1");
  CHECK(error_after("/times", {1, 0, 2}) == "/times/2: expected a number below 0, found 2");
  CHECK(error_after("/times", {1, 1}) ==
        "/times/1: expected a number other than the one before, found 1");
  CHECK(error_after("/times", 3) == "/times: expected a list of numbers, found 3");
  CHECK(error_after("/solver/method", "rk5").find("/solver/method: expected euler, ") == 0);
  CHECK(error_after("/solver/step_size", 0) == "/solver/step_size: expected a number > 0, found 0");
  CHECK(error_after("/solver/rtol", -1) == "/solver/rtol: expected a number >= 0, found -1");
  CHECK(error_after("/solver/max_steps", 1.5).find("/solver/max_steps: expected a whole number") ==
        0);
  CHECK(error_after("/loss", {{"type", "mse"}, {"target", {{{1, 2}}}}}) ==
        "/loss/target: expected 3 items as there are times, found 1");
  CHECK(error_after("/loss", {{"type", "mse"}, {"target", {{{1, 2}}, {{1, 2}}, {{1, 2}}}}}) ==
        "/loss/target/0: expected 3 samples as y0 has, found 1");
  for (const char* key : {"field", "y0", "times", "solver"}) {
    json problem = good();
    problem.erase(key);
    CHECK(error_of(problem).find(std::string("/") + key + ": expected ") == 0);
  }
  CHECK(error_of(json::array()).find("the whole text: expected an object") == 0);
  CHECK(grad_problem(good().dump()).error().find("/loss: expected ") == 0);
  CHECK(grad_problem(good_with_loss().dump(), {.strategy = "guess"}).error() ==
        "gradient: expected discrete, interpolated or backsolve, found guess");
}

TEST_CASE("problem: every key of the solver reaches it") {
  json problem = good();
  const auto solve = [&](const json& solver) {
    problem["solver"] = solver;
    const auto answer = solve_problem(problem.dump());
    REQUIRE(answer);
    REQUIRE(answer.value().ok);
    return json::parse(answer.value().json);
  };
  const json tight = {{"method", "dopri5"}, {"rtol", 1e-9}, {"atol", 1e-9}};
  const auto with = [&](const json& more) {
    json solver = tight;
    solver.update(more);
    return solve(solver);
  };
  const json plain = solve(tight);
  CHECK(with({{"controller", "pi"}, {"safety", 0.9}, {"norm", "rms"}, {"fixed", false}}) == plain);
  for (const json& more :
       {json{{"controller", "i"}}, json{{"controller", "pid"}}, json{{"safety", 0.5}},
        json{{"first_step", 0.001}}, json{{"max_step", 0.02}}, json{{"norm", "max"}},
        json{{"norm_weights", {1, 0}}}, json{{"forced_times", {0.3, 0.31}}}, json{{"jumps", {0.3}}},
        json{{"shared_steps", true}}, json{{"fixed", true}}}) {
    CAPTURE(more.dump());
    CHECK(with(more) != plain);
  }
  CHECK(with({{"fixed", true}, {"step_size", 0.25}})["stats"]["accepted"] == 3 * 4);
  CHECK(solve({{"method", "dopri5"}, {"step_size", 0.25}})["stats"]["accepted"] == 3 * 4);
  CHECK(solve({{"method", "dopri5"}, {"step_size", 0.25}, {"fixed", false}})["stats"]["accepted"] !=
        3 * 4);
  CHECK(solve({{"method", "rk4"}, {"fixed", true}, {"step_size", 0.25}})["stats"]["accepted"] ==
        3 * 4);

  problem["solver"] = {{"method", "dopri5"}, {"rtol", 1e-13}, {"atol", 1e-13}, {"min_step", 0.2}};
  const auto failed = solve_problem(problem.dump());
  REQUIRE(failed);
  CHECK(json::parse(failed.value().json)["status"] == "step_underflow");
}

TEST_CASE("problem: mistakes in the solver's options are named with their place") {
  const auto error_with = [](const json& more) {
    json problem = good();
    problem["solver"] = {{"method", "dopri5"}, {"rtol", 1e-6}};
    problem["solver"].update(more);
    return error_of(problem);
  };
  CHECK(error_with({{"controller", "p"}}) ==
        "/solver/controller: expected pi, i or pid, found \"p\"");
  CHECK(error_with({{"norm", 2}}) == "/solver/norm: expected rms or max, found 2");
  CHECK(error_with({{"safety", 1}}) ==
        "/solver/safety: expected a number from 0.2 to below 1, found 1");
  CHECK(error_with({{"first_step", 0}}) == "/solver/first_step: expected a number > 0, found 0");
  CHECK(error_with({{"min_step", -1}}) == "/solver/min_step: expected a number >= 0, found -1");
  CHECK(error_with({{"min_step", 0.5}, {"max_step", 0.5}}) ==
        "/solver/max_step: expected min_step < max_step, found 0.5");
  CHECK(error_with({{"norm_weights", {1}}}) == "/solver/norm_weights: expected 2 numbers, found 1");
  CHECK(error_with({{"norm_weights", {1, -1}}}) ==
        "/solver/norm_weights/1: expected a number >= 0, found -1");
  CHECK(error_with({{"norm_weights", {0, 0}}}) ==
        "/solver/norm_weights: expected a number > 0 among the weights, found none");
  CHECK(error_with({{"jumps", {0.1, "x"}}}) == "/solver/jumps/1: expected a number, found \"x\"");
  CHECK(error_with({{"forced_times", 1}}) ==
        "/solver/forced_times: expected a list of numbers, found 1");
  CHECK(error_with({{"shared_steps", 1}}) ==
        "/solver/shared_steps: expected true or false, found 1");
  CHECK(
      error_with({{"fixed", true}, {"jumps", {0.5}}}) ==
      "/solver/jumps: expected steps that adapt, as fixed ones end at output times alone, found a "
      "list");
  CHECK(error_with({{"method", "rk4"}, {"fixed", false}}) ==
        "/solver/fixed: expected true, as rk4 does not estimate its error, found false");
  CHECK(error_with({{"tolerance", 1}}).find("/solver/tolerance: expected only method, rtol, ") ==
        0);
}

TEST_CASE(
    "vocabulary: methods, controllers, norms, gradients and the solver's keys are described") {
  const json list = json::parse(problem_vocabulary(), nullptr, false);
  const auto named = [&](const char* what, const char* name) {
    for (const json& each : list[what]) {
      if (each["name"] == name) return each;
    }
    return json();
  };
  const json dopri5 = named("methods", "dopri5");
  CHECK(dopri5["order"] == 5);
  CHECK(dopri5["embedded_order"] == 4);
  CHECK(dopri5["stages"] == 7);
  CHECK(dopri5["evaluations"] == 6);
  CHECK(dopri5["fsal"] == true);
  CHECK(dopri5["interpolant_order"] == 4);
  CHECK(dopri5["citation"] == "dormand1980");
  CHECK(dopri5["stability"]["real_interval"].get<double>() ==
        doctest::Approx(3.3066).epsilon(1e-4));
  CHECK(dopri5["stability"]["at_infinity"].is_null());
  CHECK(named("methods", "rk4")["stages"] == 4);
  CHECK(named("methods", "rk4")["embedded_order"].is_null());
  CHECK(named("methods", "leapfrog")["stability"].is_null());
  CHECK(named("methods", "trapezoid")["stability"]["real_interval"] == "infinity");
  CHECK(named("methods", "kvaerno5")["substitute"] == "kencarp5");
  CHECK(list["methods"].size() == methods().size());
  CHECK(list["controllers"].size() == 3);
  CHECK(list["norms"].size() == 2);
  CHECK(named("gradients", "interpolated")["help"].get<std::string>().size() > 10);
  CHECK(named("solver", "rtol")["default"] == 1e-6);
  CHECK(named("solver", "max_step")["default"].is_null());
  CHECK(named("solver", "controller")["expected"] == "pi, i or pid");
  for (const json& key : list["solver"]) {
    // Every key listed is one that is read.
    json problem = good();
    problem["solver"][key["name"].get<std::string>()] = json::object();
    CHECK(error_of(problem).find("/solver/" + key["name"].get<std::string>() + ": expected ") == 0);
    CHECK(error_of(problem).find("only") == std::string::npos);
  }
}

TEST_CASE("problem: text that is not JSON is refused with line and column") {
  CHECK(solve_problem("").error() == "line 1, column 1: not JSON, stopped at the end of the text");
  CHECK(solve_problem("{\n  \"y0\": [1,, 2]}").error() ==
        "line 2, column 12: not JSON, stopped at \",\"");
  CHECK(solve_problem("{\"y0\": [[NaN]]}").error().find("line 1, column 1") == 0);
  CHECK(solve_problem("{\"y0\": [[1e999]]}").error().find("line 1, column ") == 0);
  CHECK(solve_problem("{\"y0\": [[1]]").error() ==
        "line 1, column 13: not JSON, stopped at the end of the text");
}
