// A shader program, and where in the window a draw callback of Dear ImGui may draw.
#pragma once

#include <imgui.h>

namespace neural_ode::web {

class Shader {
 public:
  // `name` is for messages alone; the sources are kept, not copied.
  Shader(const char* name, const char* vertex, const char* fragment)
      : name_(name), vertex_(vertex), fragment_(fragment) {}

  // Makes it when it is used first, and binds it together with an empty vertex array; false: it does
  // not compile, which it says once.
  bool use();
  int at(const char* uniform) const;
  // The graphics context is gone: the program is made again when it is used next.
  void forget() { *this = Shader(name_, vertex_, fragment_); }

 private:
  const char *name_, *vertex_, *fragment_;
  unsigned program_ = 0, vertices_ = 0;  // of OpenGL
  bool broken_ = false;
};

// The clip rectangle of a callback's command, which Dear ImGui leaves to the callback.
void scissor_to(const ImDrawCmd& command);

}  // namespace neural_ode::web
