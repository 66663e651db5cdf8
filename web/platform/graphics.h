// Dear ImGui on GLFW and OpenGL: what the browser and the desktop window share.
#pragma once

#include <GLFW/glfw3.h>

#include "web/ui/panels/app_view.h"

namespace neural_ode::web {

// Makes the context of `window` and its keys Dear ImGui's; pointers are the platform's to tell.
// False when OpenGL refuses.
bool start_graphics(GLFWwindow* window);
void stop_graphics();
// The GPU lost what was uploaded: upload it again, with the next frame.
void restart_graphics(AppView& view);
// One frame: `width` x `height` units with `density` device pixels each.
void draw_frame(AppView& view, float width, float height, float density);
// Events that wait for the next frame: Dear ImGui takes a press and its release one by one.
bool input_waits();

}  // namespace neural_ode::web
