#include "web/ui/toolkit/icons.h"

#include <cmath>
#include <initializer_list>

namespace neural_ode::web {

namespace {

constexpr float pi = 3.14159265f;

// A pen in the icon's own square: coordinates from -1 to 1.
struct Pen {
  ImDrawList* draw;
  ImVec2 at;
  float half;
  ImU32 colour;
  float width;

  ImVec2 operator()(float x, float y) const { return {at.x + x * half, at.y + y * half}; }
  void line(float x0, float y0, float x1, float y1) const {
    draw->AddLine((*this)(x0, y0), (*this)(x1, y1), colour, width);
  }
  void arc(float x, float y, float radius, float from, float to) const {
    draw->PathArcTo((*this)(x, y), radius * half, from, to, 24);
    draw->PathStroke(colour, 0, width);
  }
  void bar(float x0, float y0, float x1, float y1) const {
    draw->AddRectFilled((*this)(x0, y0), (*this)(x1, y1), colour, 1);
  }
};

}  // namespace

void draw_icon(ImDrawList* draw, Icon icon, ImVec2 at, float size, ImU32 colour) {
  const Pen pen{draw, at, size / 2, colour, 1.6f};
  switch (icon) {
    case Icon::none:
      break;
    case Icon::play:
      draw->AddTriangleFilled(pen(-0.5f, -0.8f), pen(0.85f, 0), pen(-0.5f, 0.8f), colour);
      break;
    case Icon::pause:
      pen.bar(-0.6f, -0.75f, -0.18f, 0.75f);
      pen.bar(0.18f, -0.75f, 0.6f, 0.75f);
      break;
    case Icon::step:
      draw->AddTriangleFilled(pen(-0.75f, -0.7f), pen(0.3f, 0), pen(-0.75f, 0.7f), colour);
      pen.bar(0.42f, -0.7f, 0.75f, 0.7f);
      break;
    case Icon::reset:
      // Three quarters of a turn against the clock, the head at its upper left end.
      pen.arc(0, 0.06f, 0.74f, -0.75f * pi, 0.8f * pi);
      draw->AddTriangleFilled(pen(-0.98f, -0.86f), pen(-0.2f, -0.62f), pen(-0.82f, 0.0f), colour);
      break;
    case Icon::undo:
      pen.line(-0.7f, -0.25f, 0.25f, -0.25f);
      pen.arc(0.25f, 0.2f, 0.45f, -0.5f * pi, 0.5f * pi);
      pen.line(0.25f, 0.65f, -0.3f, 0.65f);
      draw->AddTriangleFilled(pen(-0.9f, -0.25f), pen(-0.35f, -0.7f), pen(-0.35f, 0.2f), colour);
      break;
    case Icon::plus:
      pen.line(-0.7f, 0, 0.7f, 0);
      pen.line(0, -0.7f, 0, 0.7f);
      break;
    case Icon::close:
      pen.line(-0.55f, -0.55f, 0.55f, 0.55f);
      pen.line(-0.55f, 0.55f, 0.55f, -0.55f);
      break;
    case Icon::sun:
      draw->AddCircle(pen(0, 0), 0.4f * pen.half, colour, 0, pen.width);
      for (int i = 0; i < 8; ++i) {
        const float c = std::cos(static_cast<float>(i) * pi / 4),
                    s = std::sin(static_cast<float>(i) * pi / 4);
        pen.line(0.68f * c, 0.68f * s, 0.95f * c, 0.95f * s);
      }
      break;
    case Icon::moon:
      pen.arc(0, 0, 0.8f, 0.05f * pi, 1.45f * pi);
      pen.arc(0.48f, -0.42f, 0.66f, 0.33f * pi, 1.17f * pi);
      break;
    case Icon::gear:
      for (int i = 0; i < 3; ++i) {
        const float y = -0.6f + 0.6f * static_cast<float>(i), x = i == 1 ? 0.35f : -0.3f;
        pen.line(-0.85f, y, 0.85f, y);
        draw->AddCircleFilled(pen(x, y), 0.24f * pen.half, colour);
      }
      break;
    case Icon::arrow:
      pen.line(-0.8f, 0, 0.7f, 0);
      pen.line(0.2f, -0.5f, 0.7f, 0);
      pen.line(0.2f, 0.5f, 0.7f, 0);
      break;
    case Icon::eraser:
      draw->AddQuad(pen(-0.85f, 0.25f), pen(0.1f, -0.75f), pen(0.85f, -0.1f), pen(-0.1f, 0.85f),
                    colour, pen.width);
      pen.line(-0.38f, -0.25f, 0.42f, 0.42f);
      break;
    case Icon::data:
      for (float y : {-0.65f, 0.0f, 0.65f}) {
        draw->AddCircleFilled(pen(-0.75f, y), 0.14f * pen.half, colour);
        pen.line(-0.35f, y, 0.9f, y);
      }
      break;
    case Icon::share:
      pen.line(0, 0.3f, 0, -0.85f);
      pen.line(-0.4f, -0.45f, 0, -0.85f);
      pen.line(0.4f, -0.45f, 0, -0.85f);
      draw->PathLineTo(pen(-0.35f, -0.1f));
      draw->PathLineTo(pen(-0.7f, -0.1f));
      draw->PathLineTo(pen(-0.7f, 0.85f));
      draw->PathLineTo(pen(0.7f, 0.85f));
      draw->PathLineTo(pen(0.7f, -0.1f));
      draw->PathLineTo(pen(0.35f, -0.1f));
      draw->PathStroke(colour, 0, pen.width);
      break;
    case Icon::pin:
      draw->AddCircle(pen(0, -0.35f), 0.45f * pen.half, colour, 0, pen.width);
      pen.line(0, 0.1f, 0, 0.9f);
      break;
    case Icon::table:
      for (float k : {-0.36f, 0.36f}) {
        pen.line(-0.9f, k, 0.9f, k);
        pen.line(k, -0.9f, k, 0.9f);
      }
      break;
    case Icon::help:
      pen.arc(0, -0.35f, 0.42f, -1.0f * pi, 0.35f * pi);
      pen.line(0.25f, -0.02f, 0, 0.35f);
      draw->AddCircleFilled(pen(0, 0.75f), 0.14f * pen.half, colour);
      break;
    case Icon::expand:
      pen.line(-0.7f, 0.7f, 0.7f, -0.7f);
      pen.line(0.05f, -0.7f, 0.7f, -0.7f);
      pen.line(0.7f, -0.7f, 0.7f, -0.05f);
      break;
  }
}

void draw_mark(ImDrawList* draw, ImVec2 at, float size, ImU32 first, ImU32 second) {
  const float h = size / 2;
  for (float side : {1.0f, -1.0f}) {
    const ImU32 colour = side > 0 ? first : second;
    draw->AddBezierCubic({at.x - h, at.y - side * 0.55f * h}, {at.x, at.y - side * 0.55f * h},
                         {at.x, at.y + side * 0.55f * h}, {at.x + h, at.y + side * 0.55f * h},
                         colour, 2.2f);
    draw->AddCircleFilled({at.x + h, at.y + side * 0.55f * h}, 0.16f * size, colour);
  }
}

}  // namespace neural_ode::web
