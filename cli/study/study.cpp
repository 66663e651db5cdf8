#include "cli/study/study.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "cli/study/study_batch.h"
#include "cli/study/study_memory.h"
#include "cli/study/study_picture.h"
#include "cli/study/study_setting.h"
#include "engine/analysis/lyapunov.h"
#include "engine/analysis/separable.h"
#include "engine/core/nearest_name.h"
#include "engine/core/number_text.h"
#include "engine/data/systems.h"
#include "playground/picture/write/frame_svg.h"

namespace neural_ode {
namespace {

Json curve_json(const ErrorCurve& curve, const char* control) {
  Json points = Json::array(), failed = Json::array();
  for (const ErrorPoint& point : curve.points) {
    points.push_back({{control, point.control},
                      {"nfe", point.nfe},
                      {"error", to_json(point.error)},
                      {"accepted", point.accepted},
                      {"rejected", point.rejected},
                      {"jacobians", point.jacobians}});
  }
  for (const FailedPoint& point : curve.failed) {
    failed.push_back({{control, point.control},
                      {"status", status_name(point.status)},
                      {"t", to_json(point.t)},
                      {"nfe", point.nfe}});
  }
  return {{"points", std::move(points)}, {"failed", std::move(failed)}};
}

std::string family(const ButcherTableau& method) {
  if (method.partitioned) return "symplectic";
  if (method.past > 0) return "multistep";
  return method.implicit() ? "implicit" : "explicit";
}

Result<StudyAnswer> study_precision(const StudySetting& setting) {
  auto problem = with_reference(*setting.field, setting.y0, 0, setting.t1, setting.atol_ratio);
  if (!problem) return Error{problem.error()};
  problem.value().max_steps = setting.max_steps;
  std::vector<double> steps;
  for (int n = 8; n <= 1 << 14; n *= 2) steps.push_back(setting.t1 / n);

  Json json = head("precision", setting);
  json["reference"] = {{"y", to_json(problem.value().reference)},
                       {"error", to_json(problem.value().reference_error)}};
  std::vector<MethodCurve> curves;
  for (const auto* method : setting.methods) {
    SolverOptions options;
    options.method = method;
    const bool adaptive = options.adaptive();
    ErrorCurve curve =
        work_precision(problem.value(), options, adaptive ? setting.tolerances : steps);
    Json row = to_json(*method);
    row.update(curve_json(curve, adaptive ? "rtol" : "step_size"));
    json["methods"].push_back(std::move(row));
    curves.push_back({std::string(method->label), adaptive, std::move(curve), 0, family(*method),
                      series_of(*method)});
  }
  const Frame frame = precision_frame(setting.title(), curves, problem.value().reference_error);
  return StudyAnswer{json.dump(), frame_to_svg(frame)};
}

Result<StudyAnswer> study_order(const StudySetting& setting) {
  const auto problem = with_reference(*setting.field, setting.y0, 0, setting.t1);
  if (!problem) return Error{problem.error()};
  Json json = head("order", setting);
  std::vector<MethodCurve> curves;
  double floor = 0;
  for (const auto* method : setting.methods) {
    SolverOptions options;
    options.method = method;
    MeasuredOrder measured = measure_order(problem.value(), options, 8, 11);
    floor = measured.rounding_floor;
    Json row = to_json(*method);
    row["measured_order"] = to_json(measured.order);
    row.update(curve_json(measured.curve, "step_size"));
    json["methods"].push_back(std::move(row));
    curves.push_back({std::string(method->label), false, std::move(measured.curve), measured.order,
                      family(*method), series_of(*method)});
  }
  json["rounding_floor"] = floor;
  return StudyAnswer{json.dump(), frame_to_svg(order_frame(setting.title(), curves, floor))};
}

// The first of the methods that comes to the end.
Result<std::vector<Linearisation>> linearise_somehow(const StudySetting& setting) {
  constexpr int count = 401;
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(setting.t1 * i / (count - 1));
  SolverOptions options;
  options.rtol = 1e-9;
  options.atol = 1e-11;
  std::string trouble = "expected a method that chooses its own steps";
  for (const auto* method : setting.methods) {
    options.method = method;
    if (!options.adaptive()) continue;
    auto along = linearise_along(*setting.field, setting.y0, times, options);
    if (along) return along;
    trouble = std::string(method->name) + ": " + along.error();
  }
  return Error{trouble};
}

Result<StudyAnswer> study_stability(const StudySetting& setting) {
  const auto along = linearise_somehow(setting);
  if (!along) return Error{along.error()};
  Json json = head("stability", setting);
  for (const Linearisation& at : along.value()) {
    Json eigenvalues = Json::array();
    for (const auto& value : at.eigenvalues) {
      eigenvalues.push_back({to_json(value.real()), to_json(value.imag())});
    }
    json["points"].push_back({{"t", at.t},
                              {"y", to_json(at.y)},
                              {"eigenvalues", std::move(eigenvalues)},
                              {"spectral_radius", to_json(at.spectral_radius)},
                              {"divergence", to_json(at.divergence)}});
  }
  LyapunovOptions options;
  options.interval = setting.t1 / 10;
  options.warm_up = 2 * setting.t1;
  options.intervals = 500;
  const auto exponent = largest_lyapunov(*setting.field, setting.y0, 0, options);
  if (exponent) {
    json["lyapunov"] = {{"exponent", to_json(exponent.value().exponent)},
                        {"standard_error", to_json(exponent.value().standard_error)},
                        {"duration", options.intervals * options.interval}};
  } else {
    json["lyapunov"] = {{"message", exponent.error()}};
  }
  return StudyAnswer{json.dump(), frame_to_svg(stability_frame(setting.title(), along.value()))};
}

Result<StudyAnswer> study_memory(const StudySetting& setting) {
  return study_memory(head("memory", setting), setting.title(), *setting.field, setting.y0,
                      setting.t1, *setting.methods.front());
}

struct Study {
  std::string_view name;
  Result<StudyAnswer> (*run)(const StudySetting& setting);
};
constexpr Study studies[] = {{"precision", study_precision},
                             {"order", study_order},
                             {"batch", study_batch},
                             {"stability", study_stability},
                             {"memory", study_memory}};

template <class Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    if constexpr (std::is_pointer_v<std::decay_t<decltype(row)>>) {
      names.push_back(row->name);
    } else {
      names.push_back(row.name);
    }
  }
  return names;
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

// Partitioned methods have no order on a field that is not separable.
void leave_out_partitioned(StudySetting& setting) {
  if (separable(*setting.field, 0, setting.y0)) return;
  std::erase_if(setting.methods, [&](const ButcherTableau* method) {
    if (!method->partitioned) return false;
    setting.left_out.push_back({method, "the field is not of the form q' = f(t, p), p' = g(t, q)"});
    return true;
  });
}

Result<StudySetting> setting_of(const StudyRequest& request) {
  StudySetting setting;
  setting.system = find_system(request.system);
  if (setting.system == nullptr) {
    return Error{unknown_name("system", request.system, names_of(systems()))};
  }
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

  const bool batch = request.study == "batch", precision = request.study == "precision";
  if (!request.tolerances.empty() && !precision && !batch) {
    return Error{"tolerances: only the studies 'precision' and 'batch' take them"};
  }
  if (batch && request.tolerances.size() > 1) return Error{"tolerances: 'batch' takes one"};
  if (!batch && (!request.vary.empty() || request.samples)) {
    return Error{"vary and samples: only the study 'batch' takes them"};
  }
  setting.tolerances = request.tolerances;
  for (const double tolerance : setting.tolerances) {
    if (!(tolerance >= 1e-14 && tolerance <= 1)) {
      return Error{"tolerances: expected numbers from 1e-14 to 1, found " +
                   format_number(tolerance)};
    }
  }
  if (setting.tolerances.empty() && batch) setting.tolerances = {1e-6};
  if (setting.tolerances.empty()) {
    setting.tolerances = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12};
  }
  setting.t1 = request.duration.value_or(setting.system->t_end);
  if (!(setting.t1 > 0) || !std::isfinite(setting.t1)) {
    return Error{"duration: expected a finite number > 0"};
  }
  setting.atol_ratio = request.atol_ratio.value_or(setting.atol_ratio);
  if (!(setting.atol_ratio >= 0) || !std::isfinite(setting.atol_ratio)) {
    return Error{"atol_ratio: expected a finite number >= 0"};
  }
  setting.max_steps = request.max_steps.value_or(setting.max_steps);
  if (setting.max_steps < 1) return Error{"max_steps: expected at least 1"};
  auto theta = parameters_of(*setting.system, request.set);
  if (!theta) return Error{theta.error()};
  setting.theta = std::move(theta.value());
  setting.field = setting.system->make(setting.theta);
  const double* own = setting.system->y0.data();
  const Index dim = setting.field->dim(), given = static_cast<Index>(request.y0.size());
  if (given != 0 && given != dim) {
    return Error{"y0: expected " + std::to_string(dim) + " numbers, found " +
                 std::to_string(given)};
  }
  setting.y0 = Eigen::Map<const Vector<double>>(given == 0 ? own : request.y0.data(), dim);
  if (!setting.y0.allFinite()) return Error{"y0: expected finite numbers"};
  leave_out_partitioned(setting);
  if (setting.methods.empty()) {
    return Error{std::string(setting.left_out[0].method->name) + ": " + setting.left_out[0].reason};
  }
  if (batch) {
    auto varied =
        read_varied(*setting.system, setting.theta, request.vary, request.samples.value_or(256));
    if (!varied) return Error{varied.error()};
    setting.varied = std::move(varied.value());
  }
  return setting;
}

}  // namespace

StudyOutcome run_study(const StudyRequest& request) {
  StudyOutcome outcome;
  outcome.bad_request = true;
  for (const Study& study : studies) {
    if (study.name != request.study) continue;
    const Result<StudySetting> setting = setting_of(request);
    if (!setting) {
      outcome.message = setting.error();
      return outcome;
    }
    outcome.bad_request = false;
    Result<StudyAnswer> answer = study.run(setting.value());
    if (answer) {
      outcome.answer = std::move(answer.value());
    } else {
      outcome.message = answer.error();
    }
    return outcome;
  }
  outcome.message = unknown_name("study", request.study, study_names());
  return outcome;
}

std::vector<std::string_view> study_names() {
  return names_of(studies);
}

}  // namespace neural_ode
