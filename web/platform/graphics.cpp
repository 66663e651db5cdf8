#include "web/platform/graphics.h"

#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <algorithm>
#include <utility>

#include "web/ui/toolkit/gl.h"

namespace neural_ode::web {

namespace {

#ifdef __EMSCRIPTEN__
constexpr const char* glsl_version = "#version 300 es";
#else
constexpr const char* glsl_version = "#version 330 core";
#endif

}  // namespace

bool start_graphics(GLFWwindow* window) {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.MouseDoubleClickTime = 0.5f;  // seconds; the usual, and frames may be slow
  io.LogFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  ImGui_ImplGlfw_InitForOpenGL(window, false);
  glfwSetWindowFocusCallback(window, ImGui_ImplGlfw_WindowFocusCallback);
  glfwSetKeyCallback(window, ImGui_ImplGlfw_KeyCallback);
  glfwSetCharCallback(window, ImGui_ImplGlfw_CharCallback);
  return ImGui_ImplOpenGL3_Init(glsl_version);
}

void stop_graphics() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
}

void restart_graphics(AppView& view) {
  view.forget_graphics();
  ImGui_ImplOpenGL3_DestroyDeviceObjects();
}

void draw_frame(AppView& view, float width, float height, float density) {
  // A hidden page has no size, and the very first frame no time: neither is an error.
  if (width < 1 || height < 1) return;
  if (view.prepare_fonts(density)) ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_NewFrame();
  // Not ImGui_ImplGlfw_NewFrame, which counts in pixels of its own and asks GLFW for a pointer.
  ImGuiIO& io = ImGui::GetIO();
  static double last = 0;
  const double now = glfwGetTime();
  io.DeltaTime = std::clamp(static_cast<float>(now - std::exchange(last, now)), 1e-4f, 0.2f);
  io.DisplaySize = {width, height};
  io.DisplayFramebufferScale = {density, density};
  ImGui::NewFrame();
  view.draw();
  ImGui::Render();
  glViewport(0, 0, static_cast<GLsizei>(width * density + 0.5f),
             static_cast<GLsizei>(height * density + 0.5f));
  const ImVec4 ground = ImGui::ColorConvertU32ToFloat4(view.ground());
  glClearColor(ground.x, ground.y, ground.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

bool input_waits() {
  return !ImGui::GetCurrentContext()->InputEventsQueue.empty();
}

}  // namespace neural_ode::web
