#include "cli/study/study.h"

#include <utility>

#include "cli/study/study_batch.h"
#include "cli/study/study_memory.h"
#include "cli/study/study_picture.h"
#include "cli/study/study_reader.h"
#include "cli/study/study_setting.h"
#include "engine/analysis/lyapunov.h"
#include "engine/core/nearest_name.h"
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

}  // namespace

StudyOutcome run_study(const StudyRequest& request) {
  StudyOutcome outcome;
  outcome.bad_request = true;
  for (const Study& study : studies) {
    if (study.name != request.study) continue;
    const Result<StudySetting> setting = read_study(request);
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
