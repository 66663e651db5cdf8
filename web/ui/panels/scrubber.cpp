// The time t of the picture: how it runs, and the slider that holds it.
#include <algorithm>
#include <cstdio>
#include <limits>

#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

bool time_moves(const State& state, const Session& session) {
  return state.time_playing && (state.time_fraction < 1 || state.time_asked || session.running());
}

void advance_time(View& view, const Plot& plot) {
  State& state = view.state;
  if (state.experiment != view.session.experiment().name) {
    state.experiment = view.session.experiment().name;
    state.time_fraction = view.options.reduced_motion ? 1 : 0;
    state.time_playing = !view.options.reduced_motion;
    state.time_asked = false;
    state.hero.clear();
    state.windows.clear();
    state.orbits.clear();
    state.handle = {};
    state.ink.clear();
    state.another = false;
    state.stroke.reset();
    state.drawn_on.clear();
    state.shown.reset();
    state.hidden.clear();
    state.pinned_x.clear();
    state.tables.clear();
  }
  if (time_moves(state, view.session) && plot.t_end > plot.t_begin) {
    constexpr double round = 4.5, rest = 1.2;  // seconds
    const auto dt = static_cast<double>(ImGui::GetIO().DeltaTime);
    if (state.time_fraction < 1) {
      state.time_fraction = std::min(1.0, state.time_fraction + std::min(dt, 0.1) / round);
      state.time_rest = rest;
    } else if ((state.time_rest -= dt) <= 0) {
      state.time_fraction = 0;
    }
    view.ui.keep_animating();
  }
  // Beside a picture that stands, the others are whole.
  state.layers.time = plot.t_end > plot.t_begin
                          ? plot.t_begin + state.time_fraction * (plot.t_end - plot.t_begin)
                          : std::numeric_limits<double>::max();
}

void draw_scrubber(View& view, const Rect& area) {
  Ui& ui = view.ui;
  State& state = view.state;
  const float y = area.centre().y, size = std::min(area.h, ui.row_height());
  const bool moves = time_moves(state, view.session);
  if (button(ui, {area.x, y - size / 2, size, size}, "time.play", moves ? "Hold t" : "Let t run",
             {ButtonStyle::quiet, moves ? Icon::pause : Icon::play, true, false, false})) {
    state.time_playing = state.time_asked = !moves;
    if (!moves && state.time_fraction >= 1) state.time_fraction = 0;
  }
  ui.text(Face::mono, area.x + size + 8, y, ui.colours().muted, "t");
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", state.layers.time);
  ui.text(Face::mono, area.right() - 2, y, ui.colours().muted, text, Align::right);
  float position = static_cast<float>(state.time_fraction);
  const Rect track{area.x + size + 26, y - size / 2, area.w - size - 26 - 56, size};
  if (slider(ui, track, "time", "t", text, position).changed) {
    state.time_fraction = position;
    state.time_playing = false;
  }
}

}  // namespace neural_ode::web
