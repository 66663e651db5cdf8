#include "cli/study/study_memory.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/study/study_picture.h"
#include "engine/analysis/gradient_cost.h"
#include "playground/picture/write/frame_svg.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;

constexpr int step_counts[] = {100, 1000, 10000};

struct Row {
  const char* strategy;
  int checkpoints;
};
constexpr Row rows[] = {
    {"discrete", 0}, {"discrete", 50}, {"discrete", 10}, {"interpolated", 0}, {"backsolve", 0}};

Json to_json(const GradientCurve& curve) {
  Json points = Json::array(), failed = Json::array();
  for (const GradientCost& cost : curve.costs) {
    if (cost.status != SolveStatus::ok) {
      failed.push_back({{"steps", cost.steps}, {"status", status_name(cost.status)}});
      continue;
    }
    points.push_back({{"steps", cost.steps},
                      {"bytes", cost.bytes},
                      {"nfe_backward", cost.nfe_backward},
                      {"nvjp", cost.nvjp},
                      {"error", std::isfinite(cost.error) ? Json(cost.error) : Json(nullptr)}});
  }
  return {{"points", std::move(points)}, {"failed", std::move(failed)}};
}

}  // namespace

StudyAnswer study_memory(Json head, const std::string& system, VectorField<double>& field,
                         const Vector<double>& y0, double t1, const ButcherTableau& method) {
  std::vector<GradientCurve> curves;
  head["method"] = {{"name", method.name}, {"label", method.label}, {"order", method.order}};
  for (const Row& row : rows) {
    const GradientStrategy& strategy = *find_gradient(row.strategy);
    const GradientOptions options = {.checkpoints = row.checkpoints};
    GradientCurve curve;
    curve.label = strategy.label;
    if (row.checkpoints > 0) curve.label += ", " + std::to_string(row.checkpoints) + " checkpoints";
    curve.costs = measure_gradient_cost(field, y0, t1, method, strategy, options, step_counts);
    Json json = {{"name", row.strategy}, {"label", curve.label}};
    if (row.checkpoints > 0) json["checkpoints"] = row.checkpoints;
    json.update(to_json(curve));
    head["strategies"].push_back(std::move(json));
    curves.push_back(std::move(curve));
  }
  const Frame frame = memory_frame(system + ", " + std::string(method.label), curves);
  return {head.dump(), frame_to_svg(frame)};
}

}  // namespace neural_ode
