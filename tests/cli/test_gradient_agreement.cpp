// Two hundred random problems: `neural-ode grad --report` finds every strategy and norm in
// agreement with differences of the loss.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/problem/gradient_report.h"
#include "engine/core/rng.h"

using namespace neural_ode;
using nlohmann::json;

namespace {

int whole(Rng& rng, int least, int most) {
  return least + static_cast<int>(rng.uniform() * (most - least + 1));
}

json numbers(Rng& rng, int count, double reach) {
  json list = json::array();
  for (int i = 0; i < count; ++i) list.push_back(rng.uniform(-reach, reach));
  return list;
}

json matrix(Rng& rng, int rows, int columns, double reach) {
  json list = json::array();
  for (int i = 0; i < rows; ++i) list.push_back(numbers(rng, columns, reach));
  return list;
}

// Weights on y from none to strong, on t strong.
json random_network(Rng& rng, int dim, bool with_time) {
  const int hidden = whole(rng, 1, 4);
  const double on_y = rng.uniform(0, 1.2);
  json first = matrix(rng, hidden, dim, on_y);
  if (with_time) {
    for (json& row : first) row.push_back(rng.uniform(-4, 4));
  }
  const char* activations[] = {"tanh", "sigmoid", "softplus"};
  return {{"type", "mlp"},
          {"time_input", with_time},
          {"layers",
           {{{"weight", first},
             {"bias", numbers(rng, hidden, 1)},
             {"activation", activations[whole(rng, 0, 2)]}},
            {{"weight", matrix(rng, dim, hidden, 1)},
             {"bias", numbers(rng, dim, 0.5)},
             {"activation", "identity"}}}}};
}

json random_system(Rng& rng) {
  switch (whole(rng, 0, 3)) {
    case 0:
      return {{"type", "system"},
              {"name", "duffing"},
              {"params",
               {{"alpha", rng.uniform(-1, 1)},
                {"beta", rng.uniform(0, 1)},
                {"delta", rng.uniform(0, 0.3)},
                {"gamma", rng.uniform(-1, 1)},
                {"omega", rng.uniform(0.5, 6)}}}};
    case 1:
      return {{"type", "system"}, {"name", "pendulum"}};
    case 2:
      return {{"type", "system"}, {"name", "spiral"}};
    default:
      return {{"type", "system"}, {"name", "two_attractors"}};
  }
}

json random_problem(Rng& rng) {
  const int kind = whole(rng, 0, 2), batch = whole(rng, 1, 3), outputs = whole(rng, 1, 4);
  const int dim = kind == 2 ? 2 : whole(rng, 1, 3);
  const double direction = rng.uniform() < 0.5 ? 1 : -1;
  json times = {rng.uniform(-3, 3)};
  for (int i = 0; i < outputs; ++i)
    times.push_back(times.back().get<double>() + direction * rng.uniform(0.1, 3.0 / outputs));
  json target = json::array();
  for (int i = 0; i <= outputs; ++i) target.push_back(matrix(rng, batch, dim, 1));
  const char* methods[] = {"dopri5", "tsit5", "dopri8"};
  return {{"field", kind == 2 ? random_system(rng) : random_network(rng, dim, kind == 1)},
          {"y0", matrix(rng, batch, dim, 1)},
          {"times", times},
          {"solver", {{"method", methods[whole(rng, 0, 2)]}, {"rtol", 1e-9}, {"atol", 1e-9}}},
          {"loss", {{"type", "mse"}, {"target", target}}}};
}

}  // namespace

TEST_CASE("gradients: all strategies and norms agree to 1e-6 on two hundred random problems") {
  Rng rng(20261128);
  for (int i = 0; i < 200; ++i) {
    const json problem = random_problem(rng);
    const std::string text = problem.dump();
    CAPTURE(i);
    CAPTURE(text);
    const auto answer = gradient_report(text);
    REQUIRE(answer);
    const json found = json::parse(answer.value().json, nullptr, false);
    REQUIRE(found["report"].size() == 7);
    for (const json& row : found["report"]) {
      const std::string what = row.dump();
      CAPTURE(what);
      REQUIRE(row["status"] == "ok");
      for (const char* key : {"error_y0", "error_theta", "error_times"}) {
        if (!row[key].is_null()) CHECK(row[key].get<double>() < 1e-6);
      }
    }
  }
}
