#include "engine/experiments/study.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/analysis/lyapunov.h"
#include "engine/core/number_text.h"
#include "engine/data/systems.h"
#include "engine/experiments/frame_svg.h"
#include "engine/experiments/nearest_name.h"
#include "engine/experiments/study_memory.h"
#include "engine/experiments/study_picture.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;
using Methods = std::vector<decltype(SolverOptions::method)>;

// A request whose names were all found.
struct Setting {
  const System* system = nullptr;
  Methods methods;
  std::vector<double> tolerances;
  std::unique_ptr<VectorField<double>> field;
  Vector<double> y0;
  double t1 = 0;

  std::string title() const {
    char span[32];
    std::snprintf(span, sizeof span, ", t = 0 to %.6g", t1);
    return std::string(system->label) + span;
  }
};

Json to_json(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json to_json(const Vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(to_json(value));
  return list;
}

Json head(std::string_view study, const Setting& setting) {
  return {{"study", study},
          {"system", setting.system->name},
          {"y0", to_json(setting.y0)},
          {"times", {0, setting.t1}}};
}

Json to_json(const ErrorCurve& curve, const char* control) {
  Json points = Json::array(), failed = Json::array();
  for (const ErrorPoint& point : curve.points) {
    points.push_back(
        {{control, point.control}, {"nfe", point.nfe}, {"error", to_json(point.error)}});
  }
  for (const FailedPoint& point : curve.failed) {
    failed.push_back({{control, point.control}, {"status", status_name(point.status)}});
  }
  return {{"points", std::move(points)}, {"failed", std::move(failed)}};
}

template <class Method>
Json to_json(const Method& method) {
  return {{"name", method.name}, {"label", method.label}, {"order", method.order}};
}

Result<StudyAnswer> study_precision(const Setting& setting) {
  const auto problem = with_reference(*setting.field, setting.y0, 0, setting.t1);
  if (!problem) return Error{problem.error()};
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
    row.update(to_json(curve, adaptive ? "rtol" : "step_size"));
    json["methods"].push_back(std::move(row));
    curves.push_back({std::string(method->label), adaptive, std::move(curve), 0});
  }
  const Frame frame = precision_frame(setting.title(), curves, problem.value().reference_error);
  return StudyAnswer{json.dump(), frame_to_svg(frame)};
}

Result<StudyAnswer> study_order(const Setting& setting) {
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
    row.update(to_json(measured.curve, "step_size"));
    json["methods"].push_back(std::move(row));
    curves.push_back(
        {std::string(method->label), false, std::move(measured.curve), measured.order});
  }
  json["rounding_floor"] = floor;
  return StudyAnswer{json.dump(), frame_to_svg(order_frame(setting.title(), curves, floor))};
}

// The first of the methods that comes to the end.
Result<std::vector<Linearisation>> linearise_somehow(const Setting& setting) {
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

Result<StudyAnswer> study_stability(const Setting& setting) {
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

Result<StudyAnswer> study_memory(const Setting& setting) {
  return study_memory(head("memory", setting), setting.title(), *setting.field, setting.y0,
                      setting.t1, *setting.methods.front());
}

struct Study {
  std::string_view name;
  Result<StudyAnswer> (*run)(const Setting& setting);
};
constexpr Study studies[] = {{"precision", study_precision},
                             {"order", study_order},
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

Result<Setting> setting_of(const StudyRequest& request) {
  Setting setting;
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

  if (!request.tolerances.empty() && request.study != "precision") {
    return Error{"tolerances: only the study 'precision' takes them"};
  }
  setting.tolerances = request.tolerances;
  for (const double tolerance : setting.tolerances) {
    if (!(tolerance >= 1e-14 && tolerance <= 1)) {
      return Error{"tolerances: expected numbers from 1e-14 to 1, found " +
                   format_number(tolerance)};
    }
  }
  if (setting.tolerances.empty()) {
    setting.tolerances = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12};
  }
  setting.t1 = request.duration.value_or(setting.system->t_end);
  if (!(setting.t1 > 0) || !std::isfinite(setting.t1)) {
    return Error{"duration: expected a finite number > 0"};
  }
  setting.field = setting.system->make();
  setting.y0 = Eigen::Map<const Vector<double>>(setting.system->y0.data(), setting.field->dim());
  return setting;
}

}  // namespace

StudyOutcome run_study(const StudyRequest& request) {
  StudyOutcome outcome;
  outcome.bad_request = true;
  for (const Study& study : studies) {
    if (study.name != request.study) continue;
    const Result<Setting> setting = setting_of(request);
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
