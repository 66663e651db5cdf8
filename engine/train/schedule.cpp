#include "engine/train/schedule.h"

#include <algorithm>
#include <array>

#include "engine/core/math.h"

namespace neural_ode {

namespace {

constexpr double pi = 3.14159265358979323846;

struct Row {
  std::string_view name;
  double (*factor)(double progress);  // progress in [0, 1]
};

constexpr std::array<Row, 2> rows = {{
    {"constant", [](double) { return 1.0; }},
    {"cosine", [](double progress) { return 0.5 * (1 + math::cos(pi * progress)); }},
}};

constexpr std::array<std::string_view, rows.size()> names = {rows[0].name, rows[1].name};

}  // namespace

std::span<const std::string_view> schedule_names() {
  return names;
}

double schedule_factor(std::string_view name, std::int64_t step, std::int64_t total) {
  const double progress = total > 0 ? std::clamp(double(step) / double(total), 0.0, 1.0) : 1.0;
  for (const Row& row : rows)
    if (row.name == name) return row.factor(progress);
  return 1;
}

}  // namespace neural_ode
