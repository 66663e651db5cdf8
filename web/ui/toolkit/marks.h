// Lines and dots of plots, any number of them, drawn by a shader: a list in which they lie one over
// another in the order in which they were added.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "web/ui/toolkit/shader.h"

namespace neural_ode::web {

class Marks {
 public:
  Marks();

  // A new picture: what the last one showed is forgotten.
  void begin();

  void dot(ImVec2 at, float radius, ImU32 colour);
  // A vertex of a line, which may change its colour and width on the way, and the line's end.
  void vertex(ImVec2 at, ImU32 colour, float width);
  void end_line();
  void line(const std::vector<ImVec2>& vertices, ImU32 colour, float width);
  void segment(ImVec2 from, ImVec2 to, ImU32 colour, float width);

  // Queues what was added since the last call at this place of a draw list.
  void draw(ImDrawList* list);
  // The graphics context is gone: forget its objects; they are made again when drawn next.
  void forget();

 private:
  // As shaders/marks.vert reads it.
  struct Mark {
    float x, y;
    std::uint32_t colour;
    float width;
  };
  struct Batch {
    Marks* marks;
    std::size_t first, count;
  };
  void render(const Batch& batch, const ImDrawCmd& command);
  void upload();

  Shader shader_;
  std::vector<Mark> list_;
  std::deque<Batch> batches_;
  std::size_t queued_ = 0;  // of the list
  bool uploaded_ = false;
  unsigned texture_ = 0, corners_ = 0;  // of OpenGL
  std::size_t indexed_ = 0;             // marks for which there are indices
};

}  // namespace neural_ode::web
