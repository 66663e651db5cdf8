// Play, step, reset, seed and speed; the numbers that tell how it goes.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"
#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

// Below it there is no room for seed, speed and every figure.
constexpr float narrowest = 560;
constexpr std::array speeds = {1.0, 5.0, 20.0, 0.0};  // steps per second; 0: as fast as it can
constexpr std::array speed_labels = {"1 /s", "5 /s", "20 /s", "max"};

bool play_button(View& view, ImVec2 centre, float radius) {
  Ui& ui = view.ui;
  const bool running = view.session.running();
  const Rect area{centre.x - radius, centre.y - radius, 2 * radius, 2 * radius};
  const Press press =
      ui.press(area, "play", running ? "Pause" : "Play", "button", running ? "on" : "");
  const float glow = ui.ease("play", press.held ? 1.0f : press.hovered ? 0.6f : 0.0f);
  ui.draw()->AddCircleFilled(centre, radius,
                             mix(ui.colours().accent, ui.colours().text, 0.18f * glow), 40);
  if (ImGui::IsItemFocused() && ImGui::GetIO().NavVisible)
    ui.draw()->AddCircle(centre, radius + 3, ui.colours().accent, 40, 1.5f);
  draw_icon(ui.draw(), running ? Icon::pause : Icon::play, centre, radius * 0.78f,
            ui.colours().on_accent);
  const bool trains = view.session.experiment().trains;
  ui.tooltip(running ? (trains ? "Pause training" : "Pause the study")
                     : (trains ? "Train" : "Fill in the study"));
  return press.clicked;
}

struct Figure {
  std::string value, label;
  ImU32 colour;
};

std::vector<Figure> figures(const View& view) {
  const Theme& colours = view.ui.colours();
  std::vector<Figure> found = {
      {count_text(static_cast<double>(view.session.step_count())), "step", colours.text}};
  if (const Frame* frame = view.session.frame())
    for (const Metric& metric : frame->metrics)
      if (metric.headline && metric.name != "step")
        found.push_back({metric_text(metric), metric.label,
                         metric.format == Metric::Format::percent ? colours.good : colours.text});
  if (view.session.running() && std::isfinite(view.session.steps_per_second()))
    found.push_back({number_text(view.session.steps_per_second()), "steps/s", colours.text});
  return found;
}

}  // namespace

float draw_seed_and_speed(View& view, float x, float y, float height) {
  Ui& ui = view.ui;
  const auto place = [&](const char* id, const std::string& label, float width) {
    const bool pressed = button(ui, {x, y - height / 2, width, height}, id, label);
    x += width + 8;
    return pressed;
  };
  const std::string seed = "seed " + std::to_string(view.session.seed());
  if (place("seed", seed, ui.text_width(Face::body, seed) + 22)) view.session.new_seed();
  ui.tooltip("A new seed: other data, other initial parameters");
  std::size_t at = speeds.size() - 1;
  for (std::size_t i = 0; i < speeds.size(); ++i)
    if (speeds[i] == view.session.speed()) at = i;
  const std::string label = std::string("speed ") + speed_labels[at];
  if (place("speed", label, ui.text_width(Face::body, "speed 20 /s") + 22))
    view.session.set_speed(speeds[(at + 1) % speeds.size()]);
  ui.tooltip("Steps per second at most");
  return x;
}

void draw_transport(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const float y = area.centre().y;
  const bool slim = area.h < 50;
  const float radius = slim ? 15.0f : 20.0f, height = ui.touch() ? (slim ? 38.0f : 40.0f)
                                                      : slim     ? 30.0f
                                                                 : 34.0f;
  float x = area.x + 16;
  if (play_button(view, {x + radius, y}, radius))
    view.session.running() ? view.session.pause() : view.session.play();
  x += 2 * radius + 12;
  const auto place = [&](const char* id, const char* label, Icon icon, float width) {
    const bool pressed = button(ui, {x, y - height / 2, width, height}, id, label,
                                {ButtonStyle::raised, icon, true, false, icon == Icon::none});
    x += width + 8;
    return pressed;
  };
  if (place("step", "One step", Icon::step, height)) view.session.step(1);
  if (place("reset", "Reset: the same seed again", Icon::reset, height)) view.session.reset();
  const bool narrow = view.state.narrow_transport = area.w < narrowest;
  if (!view.options.embed && place("pin", "Pin this run to compare with it", Icon::pin, height))
    view.state.pinned.pin(view.session);
  if (!narrow) x = draw_seed_and_speed(view, x, y, height);

  // As many as there is room for; alone stands how well it does.
  std::vector<Figure> shown = figures(view);
  float right = area.right() - 16;
  const float pad = narrow ? 10.0f : 15.0f;
  const auto width_of = [&](const Figure& figure) {
    const float value = ui.text_width(Face::mono_large, figure.value);
    const float label = ui.text_width(Face::small, figure.label);
    return 2 * pad + (slim ? value + 7 + label : std::max({48.0f, value, label}));
  };
  const auto total = [&] {
    float sum = 0;
    for (const Figure& figure : shown) sum += width_of(figure);
    return sum;
  };
  while (shown.size() > 2 && right - total() < x) shown.pop_back();
  if (shown.size() == 2 && right - total() < x) shown.erase(shown.begin());
  if (right - total() < x) shown.clear();
  x = right - total();
  for (const Figure& figure : shown) {
    const float rule = slim ? 10.0f : 16.0f;
    ui.rule({x, y - rule}, {x, y + rule}, ui.colours().line);
    ui.text(Face::mono_large, x + pad, slim ? y : y - 7, figure.colour, figure.value);
    ui.text(Face::small,
            slim ? x + pad + ui.text_width(Face::mono_large, figure.value) + 7 : x + pad,
            slim ? y + 1 : y + 12, ui.colours().muted, figure.label);
    x += width_of(figure);
  }
}

}  // namespace neural_ode::web
