// The playground in a window of its own, with the trainer on a thread.
//   neural-ode-desktop [--size WxH] [--scale S] [--theme light|dark] [--link "#experiment=..."]
//                      [--screenshot FILE.png [--after SECONDS]]
#include <GLFW/glfw3.h>
#include <imgui.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

#include <cfloat>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "web/platform/graphics.h"
#include "web/ui/toolkit/gl.h"

namespace {

using namespace neural_ode::web;

struct Options {
  int width = 1280, height = 800;
  float scale = 1;
  bool light = false;
  std::string link, screenshot;
  double after = 3;  // seconds
};

bool parse(int count, char** words, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = words[i];
    const char* value = words[i + 1];
    if (name == "--size") {
      if (std::sscanf(value, "%dx%d", &options.width, &options.height) != 2) return false;
    } else if (name == "--scale") {
      options.scale = std::strtof(value, nullptr);
    } else if (name == "--theme") {
      options.light = std::string_view(value) == "light";
    } else if (name == "--link") {
      options.link = value;
    } else if (name == "--screenshot") {
      options.screenshot = value;
    } else if (name == "--after") {
      options.after = std::strtod(value, nullptr);
    } else {
      return false;
    }
  }
  return count % 2 == 1 && options.scale > 0 && options.width > 0 && options.height > 0;
}

// GLFW's pixels become units of `scale` pixels.
void take_pointer(GLFWwindow* window, float& scale) {
  glfwSetWindowUserPointer(window, &scale);
  glfwSetCursorPosCallback(window, [](GLFWwindow* from, double x, double y) {
    int width = 0, pixels = 0;
    glfwGetWindowSize(from, &width, nullptr);
    glfwGetFramebufferSize(from, &pixels, nullptr);
    const float units =
        static_cast<float>(pixels) /
        (static_cast<float>(width) * *static_cast<float*>(glfwGetWindowUserPointer(from)));
    ImGui::GetIO().AddMousePosEvent(static_cast<float>(x) * units, static_cast<float>(y) * units);
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow*, int entered) {
    if (!entered) ImGui::GetIO().AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  });
  glfwSetMouseButtonCallback(window, [](GLFWwindow*, int button, int action, int) {
    if (button < ImGuiMouseButton_COUNT)
      ImGui::GetIO().AddMouseButtonEvent(button, action == GLFW_PRESS);
  });
  glfwSetScrollCallback(window, [](GLFWwindow*, double dx, double dy) {
    ImGui::GetIO().AddMouseWheelEvent(static_cast<float>(dx), static_cast<float>(dy));
  });
}

bool write_screenshot(const std::string& file, int width, int height) {
  std::vector<unsigned char> pixels(static_cast<std::size_t>(width) *
                                    static_cast<std::size_t>(height) * 4);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels.data());
  for (std::size_t i = 3; i < pixels.size(); i += 4) pixels[i] = 255;
  stbi_flip_vertically_on_write(1);
  return stbi_write_png(file.c_str(), width, height, 4, pixels.data(), 4 * width) != 0;
}

// Null when there is no window to be had; it has told why.
GLFWwindow* open_window(const Options& options) {
  if (!glfwInit()) {
    std::fprintf(stderr, "neural-ode-desktop: no display was found\n");
    return nullptr;
  }
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  const auto pixels = [&](int units) {
    return static_cast<int>(static_cast<float>(units) * options.scale);
  };
  GLFWwindow* window = glfwCreateWindow(pixels(options.width), pixels(options.height),
                                        "Neural ODE Playground", nullptr, nullptr);
  if (!window) {
    std::fprintf(stderr, "neural-ode-desktop: no OpenGL 3.3 here\n");
    return nullptr;
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  return window;
}

// What the interface asks its platform for.
void answer(std::string_view name, GLFWwindow* window, Session& session, AppView& view) {
  if (name == "toggle_theme") view.options().light = !view.options().light;
  if (name == "copy_link") glfwSetClipboardString(window, write_link(session.link()).c_str());
  if (name == "open_data" && glfwGetClipboardString(window))
    session.set_data(glfwGetClipboardString(window));
}

// Until the window is closed or its picture is taken.
void run(GLFWwindow* window, const Options& options) {
  Session session(make_trainer_host());
  AppView view(session, [&](std::string_view name) { answer(name, window, session, view); });
  view.options().light = options.light;
  session.open_link(read_link(options.link));
  bool started = false;
  while (!glfwWindowShouldClose(window)) {
    glfwPollEvents();
    session.poll();
    if (!started && session.opened()) {
      session.play();
      started = true;
    }
    int width = 0, height = 0;
    glfwGetFramebufferSize(window, &width, &height);
    draw_frame(view, static_cast<float>(width) / options.scale,
               static_cast<float>(height) / options.scale, options.scale);
    if (!options.screenshot.empty() && glfwGetTime() > options.after) {
      if (!write_screenshot(options.screenshot, width, height))
        std::fprintf(stderr, "neural-ode-desktop: cannot write %s\n", options.screenshot.c_str());
      return;
    }
    glfwSwapBuffers(window);
  }
}

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!parse(count, words, options)) {
    std::fprintf(stderr,
                 "neural-ode-desktop [--size WxH] [--scale S] [--theme light|dark] [--link LINK] "
                 "[--screenshot FILE.png] [--after SECONDS]\n");
    return 2;
  }
  GLFWwindow* window = open_window(options);
  if (!window || !start_graphics(window)) return 1;
  take_pointer(window, options.scale);
  run(window, options);
  stop_graphics();
  glfwTerminate();
}
