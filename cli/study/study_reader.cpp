#include "cli/study/study_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/study/study_batch.h"
#include "engine/analysis/separable.h"
#include "engine/core/nearest_name.h"
#include "engine/core/number_text.h"

namespace neural_ode {
namespace {

Status read_system(const StudyRequest& request, StudySetting& setting) {
  setting.system = find_system(request.system);
  if (setting.system != nullptr) return {};
  return Error{unknown_name("system", request.system, names_of(systems()))};
}

Status read_methods(const StudyRequest& request, StudySetting& setting) {
  for (const std::string& name : request.methods) {
    const auto* method = find_method(name);
    if (method == nullptr) return Error{unknown_name("method", name, names_of(methods()))};
    setting.methods.push_back(method);
  }
  if (request.study == "memory") {
    if (setting.methods.size() > 1) return Error{"methods: the study 'memory' takes one"};
    if (setting.methods.empty()) setting.methods.push_back(find_method("rk4"));
  }
  if (setting.methods.empty()) setting.methods.assign(methods().begin(), methods().end());
  return {};
}

// What another study would take.
Status refuse_others(const StudyRequest& request, StudySetting&) {
  const bool batch = request.study == "batch", precision = request.study == "precision";
  if (!request.tolerances.empty() && !precision && !batch) {
    return Error{"tolerances: only the studies 'precision' and 'batch' take them"};
  }
  if (batch && request.tolerances.size() > 1) return Error{"tolerances: 'batch' takes one"};
  if (!batch && (!request.vary.empty() || request.samples)) {
    return Error{"vary and samples: only the study 'batch' takes them"};
  }
  return {};
}

Status read_tolerances(const StudyRequest& request, StudySetting& setting) {
  setting.tolerances = request.tolerances;
  for (const double tolerance : setting.tolerances) {
    if (!(tolerance >= 1e-14 && tolerance <= 1)) {
      return Error{"tolerances: expected numbers from 1e-14 to 1, found " +
                   format_number(tolerance)};
    }
  }
  if (!setting.tolerances.empty()) return {};
  if (request.study == "batch") {
    setting.tolerances = {1e-6};
  } else {
    setting.tolerances = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12};
  }
  return {};
}

Status read_limits(const StudyRequest& request, StudySetting& setting) {
  setting.t1 = request.duration.value_or(setting.system->t_end);
  if (!(setting.t1 > 0) || !std::isfinite(setting.t1)) {
    return Error{"duration: expected a finite number > 0, found " + format_number(setting.t1)};
  }
  setting.atol_ratio = request.atol_ratio.value_or(setting.atol_ratio);
  if (!(setting.atol_ratio >= 0) || !std::isfinite(setting.atol_ratio)) {
    return Error{"atol_ratio: expected a finite number >= 0, found " +
                 format_number(setting.atol_ratio)};
  }
  setting.max_steps = request.max_steps.value_or(setting.max_steps);
  if (setting.max_steps < 1) return Error{"max_steps: expected at least 1"};
  return {};
}

// The values of --set, over those the system has.
Result<std::vector<double>> parameters_of(const System& system,
                                          const std::vector<std::string>& set) {
  std::vector<double> theta;
  for (const SystemParameter& parameter : system.parameters) theta.push_back(parameter.value);
  const auto names = names_of(system.parameters);
  for (const std::string& text : set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return Error{"set: expected NAME=NUMBER, found '" + text + "'"};
    }
    const std::string name = text.substr(0, equals);
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return Error{"set: " + unknown_name("parameter", name, names)};
    const auto value = parse_number(std::string_view(text).substr(equals + 1));
    if (!value || !std::isfinite(*value)) {
      return Error{"set: " + name + ": expected a finite number, found '" +
                   text.substr(equals + 1) + "'"};
    }
    theta[static_cast<std::size_t>(at - names.begin())] = *value;
  }
  return theta;
}

Status make_field(const StudyRequest& request, StudySetting& setting) {
  auto theta = parameters_of(*setting.system, request.set);
  if (!theta) return Error{theta.error()};
  setting.theta = std::move(theta.value());
  setting.field = setting.system->make(setting.theta);
  return {};
}

Status read_y0(const StudyRequest& request, StudySetting& setting) {
  const double* own = setting.system->y0.data();
  const Index dim = setting.field->dim(), given = static_cast<Index>(request.y0.size());
  if (given != 0 && given != dim) {
    return Error{"y0: expected " + std::to_string(dim) + " numbers, found " +
                 std::to_string(given)};
  }
  setting.y0 = Eigen::Map<const Vector<double>>(given == 0 ? own : request.y0.data(), dim);
  if (!setting.y0.allFinite()) return Error{"y0: expected finite numbers"};
  return {};
}

// Partitioned methods have no order on a field that is not separable.
Status leave_out_partitioned(const StudyRequest&, StudySetting& setting) {
  if (separable(*setting.field, 0, setting.y0)) return {};
  std::erase_if(setting.methods, [&](const ButcherTableau* method) {
    if (!method->partitioned) return false;
    setting.left_out.push_back({method, "the field is not of the form q' = f(t, p), p' = g(t, q)"});
    return true;
  });
  if (!setting.methods.empty()) return {};
  const LeftOut& first = setting.left_out.front();
  return Error{std::string(first.method->name) + ": " + first.reason};
}

Status vary(const StudyRequest& request, StudySetting& setting) {
  if (request.study != "batch") return {};
  auto varied =
      read_varied(*setting.system, setting.theta, request.vary, request.samples.value_or(256));
  if (!varied) return Error{varied.error()};
  setting.varied = std::move(varied.value());
  return {};
}

}  // namespace

Result<StudySetting> read_study(const StudyRequest& request) {
  StudySetting setting;
  // Each may use what those before it have found.
  for (const auto read : {read_system, read_methods, refuse_others, read_tolerances, read_limits,
                          make_field, read_y0, leave_out_partitioned, vary}) {
    if (const Status status = read(request, setting); !status) return Error{status.error()};
  }
  return setting;
}

}  // namespace neural_ode
