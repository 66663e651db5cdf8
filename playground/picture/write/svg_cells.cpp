#include "playground/picture/write/svg_cells.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <utility>
#include <vector>

namespace neural_ode::svg {

namespace {

constexpr std::array<int, 3> class_a = {0x2b, 0x7f, 0xd4}, class_b = {0xdd, 0x7a, 0x1b},
                             white = {255, 255, 255};

std::string hex(const std::array<int, 3>& from, const std::array<int, 3>& to, double share) {
  char buffer[8];
  int mixed[3];
  for (std::size_t k = 0; k < 3; ++k) {
    mixed[k] = static_cast<int>(std::lround(from[k] + share * (to[k] - from[k])));
  }
  std::snprintf(buffer, sizeof buffer, "#%02x%02x%02x", static_cast<unsigned>(mixed[0]),
                static_cast<unsigned>(mixed[1]), static_cast<unsigned>(mixed[2]));
  return buffer;
}

// Where a value is between two, one of 24 shades: enough to look smooth, few enough to merge cells.
double shade_of(float value, float low, float high) {
  const double range = static_cast<double>(high) - static_cast<double>(low);
  const double at =
      std::clamp((static_cast<double>(value) - static_cast<double>(low)) / range, 0.0, 1.0);
  return std::round(at * 24) / 24;
}

}  // namespace

Heatmap refined(const Heatmap& heatmap) {
  constexpr int factor = 3, enough = 72;
  Heatmap fine = heatmap;
  fine.z.erase(fine.z.begin(), fine.z.end() - static_cast<std::ptrdiff_t>(heatmap.cells()));
  if (heatmap.nx > enough || heatmap.ny > enough) return fine;
  const std::vector<float> coarse = fine.z;
  fine.nx *= factor;
  fine.ny *= factor;
  fine.z.clear();
  // Index of the cell at or before place `i` of the fine grid, and the share of the next one.
  const auto place = [](int i, int n) {
    const double at = std::clamp((i + 0.5) / factor - 0.5, 0.0, n - 1.0);
    const int low = std::min(static_cast<int>(at), std::max(n - 2, 0));
    return std::pair(low, at - low);
  };
  for (int j = 0; j < fine.ny; ++j) {
    const auto [row, above] = place(j, heatmap.ny);
    for (int i = 0; i < fine.nx; ++i) {
      const auto [column, right] = place(i, heatmap.nx);
      double value = 0;
      for (int k = 0; k < 4; ++k) {
        const int c = std::min(column + k % 2, heatmap.nx - 1),
                  r = std::min(row + k / 2, heatmap.ny - 1);
        const double share = (k % 2 == 0 ? 1 - right : right) * (k / 2 == 0 ? 1 - above : above);
        value += share * static_cast<double>(coarse[static_cast<std::size_t>(r * heatmap.nx + c)]);
      }
      fine.z.push_back(static_cast<float>(value));
    }
  }
  return fine;
}

std::string cell_colour(const Heatmap& heatmap, float value) {
  const double shade = shade_of(value, heatmap.z_min, heatmap.z_max);
  if (!heatmap.diverging) return hex(white, {0x44, 0x01, 0x54}, shade * 0.8);
  const double strength = std::abs(2 * shade - 1) * 0.42;
  return hex(white, shade < 0.5 ? class_a : class_b, strength);
}

std::string cell_colour(const Image&, float value) {
  return hex({0, 0, 0}, white, shade_of(value, 0, 1));
}

}  // namespace neural_ode::svg
