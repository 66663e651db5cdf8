#include "web/ui/plot/heatmap.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "web/ui/shaders.h"  // made by cmake/embed-shaders.cmake from shaders/
#include "web/ui/toolkit/gl.h"

namespace neural_ode::web {

// What the draw callback needs when the frame is rendered.
struct Heatmaps::Quad {
  Shader* shader = nullptr;
  GLuint texture = 0;
  std::uint64_t version = 0;
  bool stale = true;
  int nx = 0, ny = 0;
  std::vector<float> cells;
  float area[4], window[4], bounds[4], range[2], low[3], middle[3], high[3];
  bool diverging = false;
  double time = 0;  // of the t-scrubber, for which the cells are

  static void render(const ImDrawList*, const ImDrawCmd* command) {
    static_cast<Quad*>(command->UserCallbackData)->draw(*command);
  }

  void draw(const ImDrawCmd& command) {
    if (!shader->use()) return;
    glActiveTexture(GL_TEXTURE0);
    if (!texture) {
      glGenTextures(1, &texture);
      stale = true;
    }
    glBindTexture(GL_TEXTURE_2D, texture);
    if (stale) {
      glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
      glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
      glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, nx, ny, 0, GL_RED, GL_FLOAT, cells.data());
      for (const GLenum side : {GLenum{GL_TEXTURE_MIN_FILTER}, GLenum{GL_TEXTURE_MAG_FILTER}})
        glTexParameteri(GL_TEXTURE_2D, side, GL_NEAREST);
      stale = false;
    }
    scissor_to(command);
    glUniform1i(shader->at("cells"), 0);
    glUniform4fv(shader->at("area"), 1, area);
    glUniform4fv(shader->at("window"), 1, window);
    glUniform4fv(shader->at("bounds"), 1, bounds);
    glUniform2fv(shader->at("range"), 1, range);
    glUniform1i(shader->at("diverging"), diverging);
    glUniform3fv(shader->at("low"), 1, low);
    glUniform3fv(shader->at("middle"), 1, middle);
    glUniform3fv(shader->at("high"), 1, high);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    glBindVertexArray(0);
  }
};

namespace {

// The picture of an animated heat map at or before `time`, and how much of the next one is in it.
std::pair<std::size_t, float> slice_at(const std::vector<float>& times, double time) {
  std::size_t first = 0;
  while (first + 1 < times.size() && static_cast<double>(times[first + 1]) <= time) ++first;
  if (first + 1 >= times.size()) return {first, 0.0f};
  const auto since = static_cast<float>(time) - times[first];
  const float part = since / (times[first + 1] - times[first]);
  return {first, part > 0 ? part : 0.0f};
}

}  // namespace

Heatmaps::Heatmaps() : shader_("heatmap", shaders::heatmap_vert, shaders::heatmap_frag) {}
Heatmaps::~Heatmaps() = default;

void Heatmaps::forget() {
  shader_.forget();
  for (auto& [key, quad] : quads_) quad->texture = 0;
}

void Heatmaps::draw(Ui& ui, const PlotView& view, const Heatmap& heatmap, const std::string& key,
                    std::uint64_t version, double time) {
  const bool animated = heatmap.times.size() > 1;
  if (heatmap.nx < 2 || heatmap.ny < 2 ||
      heatmap.pictures() < (animated ? heatmap.times.size() : 1))
    return;
  const std::size_t count = heatmap.cells();
  auto& quad = quads_[key];
  if (!quad) quad = std::make_unique<Quad>();
  quad->shader = &shader_;
  if (!animated) time = 0;
  if (quad->version != version || quad->cells.size() != count || quad->time != time) {
    const auto [first, part] = slice_at(heatmap.times, time);
    const float* from = heatmap.z.data() + first * count;
    quad->cells.assign(from, from + count);
    if (part > 0) {
      for (std::size_t i = 0; i < count; ++i)
        quad->cells[i] += part * (from[count + i] - quad->cells[i]);
    }
    quad->time = time;
    quad->nx = heatmap.nx;
    quad->ny = heatmap.ny;
    quad->version = version;
    quad->stale = true;
  }
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const auto clip_x = [&](float x) { return 2 * x / screen.x - 1; };
  const auto clip_y = [&](float y) { return 1 - 2 * y / screen.y; };
  const auto store = [](float* to, std::initializer_list<float> values) {
    std::copy(values.begin(), values.end(), to);
  };
  const auto colour = [&](float* to, ImU32 packed) {
    const ImVec4 c = ImGui::ColorConvertU32ToFloat4(packed);
    store(to, {c.x, c.y, c.z});
  };
  const Rect& area = view.area;
  store(quad->area, {clip_x(area.x), clip_y(area.bottom()), clip_x(area.right()), clip_y(area.y)});
  store(quad->window, {static_cast<float>(view.x0), static_cast<float>(view.y0),
                       static_cast<float>(view.x1), static_cast<float>(view.y1)});
  // The values belong to the centres of the cells that tile {min, max}.
  const Interval &x = heatmap.x_range, &y = heatmap.y_range;
  const float dx = (x.maximum - x.minimum) / static_cast<float>(2 * heatmap.nx);
  const float dy = (y.maximum - y.minimum) / static_cast<float>(2 * heatmap.ny);
  store(quad->bounds, {x.minimum + dx, y.minimum + dy, x.maximum - dx, y.maximum - dy});
  store(quad->range, {heatmap.z_min, heatmap.z_max});
  quad->diverging = heatmap.diverging;
  colour(quad->low, ui.colours().class_a);
  colour(quad->middle, ui.colours().panel);
  colour(quad->high, ui.colours().class_b);
  ui.draw()->AddCallback(Quad::render, quad.get());
  ui.draw()->AddCallback(ImDrawCallback_ResetRenderState, nullptr);
}

}  // namespace neural_ode::web
