#include "cli/problem/problem_vocabulary.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/problem/solver_reader.h"
#include "engine/analysis/stability.h"
#include "engine/fields/systems.h"
#include "engine/gradient/gradient.h"
#include "engine/nn/activation.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;

Json stability_to_json(const ButcherTableau& method) {
  const std::optional<LinearStability> stability = linear_stability(method);
  if (!stability) return {};
  const double length = stability->real_interval;
  return {{"real_interval", std::isinf(length) ? Json("infinity") : Json(length)},
          {"at_infinity", stability->at_infinity ? Json(*stability->at_infinity) : Json()},
          {"a_stable", stability->a_stable},
          {"l_stable", stability->l_stable}};
}

Json method_to_json(const ButcherTableau& method) {
  return {{"name", method.name},
          {"label", method.label},
          {"order", method.order},
          {"embedded_order", method.adaptive() ? Json(method.embedded_order) : Json()},
          {"stages", method.published_stages()},
          {"evaluations", method.evaluations()},
          {"adaptive", method.adaptive()},
          {"implicit", method.implicit()},
          {"partitioned", method.partitioned},
          {"past_steps", method.past},
          {"fsal", method.fsal},
          {"interpolant_order", method.interpolant_order()},
          {"substitute", method.substitute ? Json(method.substitute->name) : Json()},
          {"stability", stability_to_json(method)},
          {"citation", method.citation}};
}

Json key_to_json(const SolverKey& key) {
  Json json = {{"name", key.name}, {"help", key.help}, {"default", key.value(SolverOptions{})}};
  const std::vector<std::string_view> choices = key.choices();
  json["expected"] = choices.empty() ? std::string(key.expected) : one_of(choices);
  return json;
}

// A system's parameters with their default values, and a first look at it.
Json system_to_json(const System& system) {
  Json json = {{"name", system.name}, {"label", system.label}, {"dim", system.dim}};
  json["params"] = Json::object();
  for (const SystemParameter& parameter : system.parameters) {
    json["params"][std::string(parameter.name)] = parameter.value;
  }
  json["y0"] = std::vector<double>(system.y0.begin(), system.y0.begin() + system.dim);
  json["times"] = {0.0, system.t_end};
  return json;
}

}  // namespace

std::string problem_vocabulary() {
  Json json;
  for (const ButcherTableau* method : methods()) json["methods"].push_back(method_to_json(*method));
  for (const ControllerRule& rule : controller_rules()) {
    json["controllers"].push_back(
        {{"name", rule.name}, {"label", rule.label}, {"citation", rule.citation}});
  }
  json["norms"] = {{{"name", "rms"}, {"label", "Root mean square over the components"}},
                   {{"name", "max"}, {"label", "Largest component"}}};
  for (const GradientStrategy& strategy : gradient_strategies()) {
    json["gradients"].push_back(
        {{"name", strategy.name}, {"label", strategy.label}, {"help", strategy.help}});
  }
  for (const SolverKey& key : solver_keys()) json["solver"].push_back(key_to_json(key));
  for (const System& system : systems()) json["systems"].push_back(system_to_json(system));
  for (const std::string_view name : activation_names()) json["activations"].push_back(name);
  return json.dump(2);
}

}  // namespace neural_ode
