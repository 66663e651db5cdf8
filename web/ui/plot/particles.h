// Particles that stream along a vector field given on a grid.
#pragma once

#include <vector>

#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

class Particles {
 public:
  // Moves them by `dt` seconds of screen time and draws their tails.
  void draw(Ui& ui, const PlotView& view, const Arrows& field, float dt, ImU32 colour);

 private:
  static constexpr int tail = 7;
  struct Particle {
    ImVec2 past[tail];  // data coordinates, newest first
    float age = 0, life = 0;
  };
  void restart(Particle& particle, const Arrows& field, float first_age);
  float random();  // [0, 1), for looks only

  std::vector<Particle> particles_;
  unsigned random_ = 0x9e3779b9u;
};

}  // namespace neural_ode::web
