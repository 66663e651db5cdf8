#include "cli/study/study_batch.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/study/study_picture.h"
#include "engine/analysis/batch_cost.h"
#include "engine/core/math.h"
#include "engine/core/nearest_name.h"
#include "engine/core/number_text.h"
#include "playground/picture/write/frame_svg.h"

namespace neural_ode {
namespace {

Json summary(std::vector<Count> costs, double error) {
  std::sort(costs.begin(), costs.end());
  return {{"evaluations", BatchCost::total(costs)},
          {"least", costs.front()},
          {"median", costs[costs.size() / 2]},
          {"most", costs.back()},
          {"error", to_json(error)}};
}

}  // namespace

Result<Varied> read_varied(const System& system, const std::vector<double>& theta,
                           const std::string& text, int count) {
  Varied varied;
  double low = theta[0] / 10, high = 10 * theta[0];
  if (!text.empty()) {
    const std::size_t equals = text.find('='), colon = text.find(':', equals + 1);
    if (equals == std::string::npos || colon == std::string::npos) {
      return Error{"vary: expected NAME=LOW:HIGH, found '" + text + "'"};
    }
    const std::string name = text.substr(0, equals);
    const auto names = names_of(system.parameters);
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return Error{"vary: " + unknown_name("parameter", name, names)};
    varied.parameter = static_cast<std::size_t>(at - names.begin());
    const auto ends = {parse_number(text.substr(equals + 1, colon - equals - 1)),
                       parse_number(text.substr(colon + 1))};
    low = ends.begin()[0].value_or(NAN);
    high = ends.begin()[1].value_or(NAN);
  }
  if (!(low < high) || !std::isfinite(high - low)) {
    return Error{"vary: expected NAME=LOW:HIGH with finite LOW < HIGH" +
                 (text.empty() ? "" : ", found '" + text + "'")};
  }
  if (count < 2) return Error{"samples: expected at least 2"};
  for (int i = 0; i < count; ++i) {
    const double share = i / (count - 1.0);
    if (i + 1 == count)
      varied.values.push_back(high);
    else
      varied.values.push_back(low > 0 ? low * math::exp(share * math::log(high / low))
                                      : low + share * (high - low));
  }
  return varied;
}

Result<StudyAnswer> study_batch(const StudySetting& setting) {
  const SystemParameter& parameter = setting.system->parameters[setting.varied.parameter];
  SampleFields fields;
  for (const double value : setting.varied.values) {
    std::vector<double> theta = setting.theta;
    theta[setting.varied.parameter] = value;
    fields.push_back(setting.system->make(theta));
  }
  SolverOptions options;
  options.rtol = setting.tolerances.front();
  options.atol = setting.atol_ratio * options.rtol;
  options.max_steps = setting.max_steps;

  Json json = head("batch", setting);
  json["parameters"].erase(std::string(parameter.name));
  json["varied"] = {{"name", parameter.name},
                    {"from", setting.varied.values.front()},
                    {"to", setting.varied.values.back()},
                    {"samples", fields.size()}};
  json["rtol"] = options.rtol;
  json["atol"] = options.atol;
  const auto reference = batch_reference(fields, setting.y0, 0, setting.t1, options);
  if (!reference) return Error{reference.error()};
  std::vector<BatchCurve> curves;
  for (const ButcherTableau* method : setting.methods) {
    options.method = method;
    if (!options.adaptive()) continue;
    const auto cost = batch_cost(fields, setting.y0, 0, setting.t1, reference.value(), options);
    if (!cost) {
      json["failed"].push_back({{"name", method->name}, {"message", cost.error()}});
      continue;
    }
    const BatchCost& found = cost.value();
    Json row = to_json(*method);
    const Count own = BatchCost::total(found.own), shared = BatchCost::total(found.shared);
    row["own_steps"] = summary(found.own, found.own_error);
    row["shared_steps"] = summary(found.shared, found.shared_error);
    row["ratio"] = static_cast<double>(shared) / static_cast<double>(own);
    row["same_alone"] = found.own == found.alone;
    json["methods"].push_back(std::move(row));
    curves.push_back({std::string(method->label), found.own,
                      static_cast<double>(shared) / static_cast<double>(fields.size()),
                      series_of(*method)});
  }
  if (curves.empty()) {
    if (json.contains("failed")) {
      const Json& first = json["failed"].front();
      return Error{first["name"].get<std::string>() + ": " + first["message"].get<std::string>()};
    }
    return Error{"expected a method that chooses its own steps"};
  }
  const Frame frame =
      batch_frame(setting.title(), std::string(parameter.name), setting.varied.values, curves);
  return StudyAnswer{json.dump(), frame_to_svg(frame)};
}

}  // namespace neural_ode
