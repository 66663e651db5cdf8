// What every study is told, once the names in a request were found.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/study/study.h"
#include "engine/fields/systems.h"
#include "engine/ode/tableau.h"

namespace neural_ode {

using Json = nlohmann::ordered_json;

// A row of --methods that cannot take part.
struct LeftOut {
  const ButcherTableau* method = nullptr;
  std::string reason;
};

// A parameter that differs from sample to sample.
struct Varied {
  std::size_t parameter = 0;  // of the system
  std::vector<double> values;
};

struct StudySetting {
  const System* system = nullptr;
  std::vector<double> theta;
  std::vector<const ButcherTableau*> methods;
  std::vector<LeftOut> left_out;
  std::vector<double> tolerances;
  double atol_ratio = 0.01;
  int max_steps = 1000000;
  Varied varied;  // of `batch`
  std::unique_ptr<VectorField<double>> field;
  Vector<double> y0;
  double t1 = 0;

  // "Van der Pol oscillator, mu = 1000, t = 0 to 2000"
  std::string title() const {
    std::string text(system->label);
    char part[96];
    for (std::size_t i = 0; i < theta.size(); ++i) {
      if (theta[i] == system->parameters[i].value) continue;
      std::snprintf(part, sizeof part, ", %s = %.6g", system->parameters[i].name.data(), theta[i]);
      text += part;
    }
    std::snprintf(part, sizeof part, ", t = 0 to %.6g", t1);
    return text + part;
  }
};

inline Json to_json(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

inline Json to_json(const Vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(to_json(value));
  return list;
}

inline Json to_json(const ButcherTableau& method) {
  return {{"name", method.name}, {"label", method.label}, {"order", method.order}};
}

// A method looks the same in every picture.
inline int series_of(const ButcherTableau& method) {
  return static_cast<int>(std::find(methods().begin(), methods().end(), &method) -
                          methods().begin());
}

// What was solved.
inline Json head(std::string_view study, const StudySetting& setting) {
  Json parameters = Json::object();
  for (std::size_t i = 0; i < setting.theta.size(); ++i) {
    parameters[std::string(setting.system->parameters[i].name)] = setting.theta[i];
  }
  Json json = {{"study", study},
               {"system", setting.system->name},
               {"parameters", std::move(parameters)},
               {"y0", to_json(setting.y0)},
               {"times", {0, setting.t1}}};
  for (const LeftOut& left_out : setting.left_out) {
    json["left_out"].push_back({{"name", left_out.method->name}, {"reason", left_out.reason}});
  }
  return json;
}

}  // namespace neural_ode
