#include "web/ui/plot/particles.h"

#include <algorithm>
#include <cmath>

namespace neural_ode::web {

namespace {

constexpr float longest_life = 2.6f;  // seconds
constexpr float crossing = 0.22f;     // of the plot's width per second at the mean speed

float mean_speed(const Arrows& field) {
  const std::size_t count = field.count();
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::hypot(field.u[i], field.v[i]);
  return count == 0 ? 0 : static_cast<float>(sum / static_cast<double>(count));
}

// Bilinear interpolation of the grid; false outside of it.
bool sample_field(const Arrows& field, ImVec2 at, ImVec2& velocity) {
  const int nx = field.nx, ny = field.ny;
  if (nx < 2 || ny < 2 ||
      field.count() / static_cast<std::size_t>(nx) < static_cast<std::size_t>(ny))
    return false;
  const auto cells = static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny);
  const float x0 = field.x.front(), x1 = field.x[cells - 1], y0 = field.y.front(),
              y1 = field.y[cells - 1];
  const float gx = (at.x - x0) / (x1 - x0) * static_cast<float>(nx - 1);
  const float gy = (at.y - y0) / (y1 - y0) * static_cast<float>(ny - 1);
  if (!(gx >= 0 && gy >= 0 && gx < static_cast<float>(nx - 1) && gy < static_cast<float>(ny - 1)))
    return false;
  const int i = static_cast<int>(gx), j = static_cast<int>(gy);
  const float fx = gx - static_cast<float>(i), fy = gy - static_cast<float>(j);
  const auto cell = [&](const std::vector<float>& values, int di, int dj) {
    return values[static_cast<std::size_t>((j + dj) * nx + i + di)];
  };
  const auto blend = [&](const std::vector<float>& values) {
    return (cell(values, 0, 0) * (1 - fx) + cell(values, 1, 0) * fx) * (1 - fy) +
           (cell(values, 0, 1) * (1 - fx) + cell(values, 1, 1) * fx) * fy;
  };
  velocity = {blend(field.u), blend(field.v)};
  return std::isfinite(velocity.x) && std::isfinite(velocity.y);
}

}  // namespace

float Particles::random() {
  random_ = random_ * 1664525u + 1013904223u;
  return static_cast<float>(random_ >> 8) / 16777216.0f;
}

void Particles::restart(Particle& particle, const Arrows& field, float first_age) {
  const ImVec2 at{field.x.front() + random() * (field.x.back() - field.x.front()),
                  field.y.front() + random() * (field.y.back() - field.y.front())};
  std::fill(std::begin(particle.past), std::end(particle.past), at);
  particle.age = first_age;
  particle.life = longest_life * (0.5f + 0.5f * random());
}

void Particles::draw(Ui& ui, const PlotView& view, const Arrows& field, float dt, ImU32 colour) {
  const float mean = mean_speed(field);
  if (!(mean > 0) || !std::isfinite(mean)) return;
  const auto wanted =
      static_cast<std::size_t>(std::clamp(view.area.w * view.area.h / 700, 150.0f, 700.0f));
  if (particles_.size() != wanted) {
    particles_.resize(wanted);
    for (Particle& particle : particles_) restart(particle, field, longest_life * random());
  }
  const float pace = crossing * static_cast<float>(view.x1 - view.x0) / mean;
  const float step = std::min(dt, 0.05f);
  for (Particle& particle : particles_) {
    ImVec2 velocity;
    particle.age += step;
    if (particle.age > particle.life || !sample_field(field, particle.past[0], velocity)) {
      restart(particle, field, 0);
      continue;
    }
    if (step > 0) {
      // A very fast place moves like a fast one: the eye must be able to follow.
      const float speed = std::hypot(velocity.x, velocity.y);
      const float scale = pace * step * (speed > 3 * mean ? 3 * mean / speed : 1.0f);
      std::copy_backward(particle.past, particle.past + tail - 1, particle.past + tail);
      particle.past[0] = {particle.past[1].x + velocity.x * scale,
                          particle.past[1].y + velocity.y * scale};
    }
    const float fade =
        std::min({1.0f, particle.age / 0.35f, (particle.life - particle.age) / 0.5f});
    for (int i = 0; i < tail; ++i) {
      const float left = 1 - static_cast<float>(i) / (tail - 1);
      ui.marks().vertex(view.at(particle.past[i].x, particle.past[i].y),
                        with_alpha(colour, 0.55f * fade * left), 1.5f);
    }
    ui.marks().end_line();
  }
  if (dt > 0) ui.keep_animating();
}

}  // namespace neural_ode::web
