#include "web/ui/plot/trail.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace neural_ode::web {

namespace {

// Points on the cubic through b and c whose tangents are the chords of their neighbours
// (Catmull-Rom).
void append_curve(std::vector<ImVec2>& line, ImVec2 a, ImVec2 b, ImVec2 c, ImVec2 d, float part) {
  const float length = std::hypot(c.x - b.x, c.y - b.y);
  const int pieces = std::clamp(static_cast<int>(length / 8), 1, 12);
  for (int i = 1; i <= pieces; ++i) {
    const float t = part * static_cast<float>(i) / static_cast<float>(pieces), t2 = t * t,
                t3 = t2 * t;
    const auto blend = [&](float p, float q, float r, float s) {
      return 0.5f * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t2 +
                     (3 * q - p - 3 * r + s) * t3);
    };
    line.push_back({blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)});
  }
}

}  // namespace

void trail(const PlotView& view, const Paths& paths, std::size_t k, double time,
           std::vector<ImVec2>& line, std::vector<float>* along) {
  const std::pair<std::size_t, std::size_t> range = paths.range(k);
  const std::size_t begin = range.first, end = range.second;
  line.clear();
  if (along) along->clear();
  if (begin >= end) return;
  // How far the scrubber has come: whole vertices, and a part of the way to the next.
  std::size_t whole = end - begin - 1;
  float part = 0;
  if (paths.times.size() > 1) {
    const std::size_t last = std::min(whole, paths.times.size() - 1);
    whole = 0;
    while (whole < last && paths.times[whole + 1] <= time) ++whole;
    if (whole < last) {
      const double span = paths.times[whole + 1] - paths.times[whole];
      part = static_cast<float>(span > 0 ? (time - paths.times[whole]) / span : 0);
    }
  }
  const auto place = [&](std::size_t i) {
    i = std::min(begin + i, end - 1);
    return view.at(paths.x[i], paths.y[i]);
  };
  const auto extend = [&](std::size_t i, float to) {
    const ImVec2 from = place(i), next = place(i + 1);
    const std::size_t before = line.size();
    if (paths.smooth)
      append_curve(line, place(i > 0 ? i - 1 : 0), from, next, place(i + 2), to);
    else
      line.push_back({from.x + to * (next.x - from.x), from.y + to * (next.y - from.y)});
    if (!along) return;
    const std::size_t pieces = line.size() - before;
    for (std::size_t piece = 1; piece <= pieces; ++piece)
      along->push_back(static_cast<float>(begin + i) +
                       to * static_cast<float>(piece) / static_cast<float>(pieces));
  };
  line.push_back(place(0));
  if (along) along->push_back(static_cast<float>(begin));
  for (std::size_t i = 0; i < whole; ++i) extend(i, 1);
  if (part > 0) extend(whole, part);
}

}  // namespace neural_ode::web
