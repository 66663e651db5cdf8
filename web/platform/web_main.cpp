// The UI module of the page. JavaScript owns the canvas's size, its keys and the address; it calls
// playground_*.
#include <emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <cstdlib>

#include <nlohmann/json.hpp>
#include <string>

#include "web/app/api.h"
#include "web/host/json_fields.h"
#include "web/platform/graphics.h"

// clang-format off
EM_JS(void, forward_event, (const char* text), { Module["onEvent"](UTF8ToString(text)); });
EM_JS(void, forward_action, (const char* name), { Module["onAction"](UTF8ToString(name)); });
EM_JS(void, forward_copy, (const char* text), { Module["onCopy"](UTF8ToString(text)); });
EM_JS(char*, first_display, (), { return stringToNewUTF8(Module["display"] || "{}"); });
// clang-format on

namespace neural_ode::web {
namespace {

using nlohmann::json;

constexpr int settling_frames =
    3;  // Dear ImGui needs a frame or two after an input to come to rest

struct Page {
  Session session{make_trainer_host()};
  Api api{session};
  AppView view{session, [](std::string_view name) { forward_action(std::string(name).c_str()); }};
  GLFWwindow* window = nullptr;
  float width = 0, height = 0, density = 1;
  bool lost = false;
  int frames_due = settling_frames;
  std::string answer;

  void wake() { frames_due = settling_frames; }
};

Page* page = nullptr;

void draw() {
  if (!page->lost) draw_frame(page->view, page->width, page->height, page->density);
}

// Once per displayed frame: draws when something is new or moves, and rests otherwise.
void frame() {
  if (page->session.poll()) page->frames_due = std::max(page->frames_due, 1);
  if (page->view.animating()) page->frames_due = std::max(page->frames_due, 1);
  if (page->frames_due <= 0) return;
  --page->frames_due;
  draw();
}

EM_BOOL on_mouse(int, const EmscriptenMouseEvent*, void*) {
  return page->wake(), EM_FALSE;
}
EM_BOOL on_wheel(int, const EmscriptenWheelEvent*, void*) {
  return page->wake(), EM_FALSE;
}
EM_BOOL on_touch(int, const EmscriptenTouchEvent*, void*) {
  return page->wake(), EM_FALSE;
}
EM_BOOL on_key(int, const EmscriptenKeyboardEvent*, void*) {
  return page->wake(), EM_FALSE;
}

void listen_for_input() {
  constexpr const char* canvas = "#canvas";
  for (auto listen :
       {emscripten_set_mousemove_callback_on_thread, emscripten_set_mousedown_callback_on_thread,
        emscripten_set_mouseup_callback_on_thread, emscripten_set_mouseleave_callback_on_thread})
    listen(canvas, nullptr, true, on_mouse, EM_CALLBACK_THREAD_CONTEXT_CALLING_THREAD);
  emscripten_set_wheel_callback(canvas, nullptr, true, on_wheel);
  for (auto listen :
       {emscripten_set_touchstart_callback_on_thread, emscripten_set_touchmove_callback_on_thread,
        emscripten_set_touchend_callback_on_thread})
    listen(canvas, nullptr, true, on_touch, EM_CALLBACK_THREAD_CONTEXT_CALLING_THREAD);
  emscripten_set_keydown_callback(EMSCRIPTEN_EVENT_TARGET_WINDOW, nullptr, true, on_key);
}

void set_display(const json& arguments) {
  DisplayOptions& options = page->view.options();
  options.light = text_field(arguments, "theme") == "light";
  options.embed = flag_field(arguments, "embed");
  options.lock = flag_field(arguments, "lock");
  options.reduced_motion = flag_field(arguments, "reduced_motion");
  options.touch = flag_field(arguments, "touch");
  options.hint = flag_field(arguments, "hint");
  options.hide.clear();
  if (const auto hide = arguments.find("hide"); hide != arguments.end() && hide->is_array())
    for (const json& part : *hide)
      if (part.is_string()) options.hide.push_back(part.get<std::string>());
  page->wake();
}

json widgets() {
  json list = json::array();
  for (const WidgetInfo& each : page->view.widgets())
    list.push_back({{"id", each.id},
                    {"label", each.label},
                    {"kind", each.kind},
                    {"value", each.value},
                    {"x", each.x},
                    {"y", each.y},
                    {"width", each.width},
                    {"height", each.height}});
  return list;
}

}  // namespace
}  // namespace neural_ode::web

using namespace neural_ode::web;

extern "C" {

// The functions of app/api.h, and two that concern the picture: `widgets` and `display`.
EMSCRIPTEN_KEEPALIVE const char* playground_call(const char* name, const char* arguments) {
  const std::string_view function = name;
  if (function == "widgets") {
    page->answer = widgets().dump();
  } else if (function == "display") {
    set_display(parse_json(arguments));
    page->answer = "{}";
  } else {
    page->answer = page->api.call(function, arguments);
    page->wake();
  }
  return page->answer.c_str();
}

EMSCRIPTEN_KEEPALIVE void playground_resize(double width, double height, double density) {
  page->width = static_cast<float>(width);
  page->height = static_cast<float>(height);
  page->density = static_cast<float>(density);
  // GLFW's window is the canvas: its size is that of the drawing buffer.
  emscripten_set_canvas_element_size("#canvas", static_cast<int>(width * density + 0.5),
                                     static_cast<int>(height * density + 0.5));
  page->wake();
}

EMSCRIPTEN_KEEPALIVE void playground_draw() {
  draw();
}
EMSCRIPTEN_KEEPALIVE void playground_context_lost() {
  page->lost = true;
}
EMSCRIPTEN_KEEPALIVE void playground_context_restored() {
  page->lost = false;
  restart_graphics(page->view);
  page->wake();
}
}

int main() {
  page = new Page;
  if (!glfwInit()) return 1;
  glfwWindowHint(GLFW_CLIENT_API, GLFW_OPENGL_ES_API);
  page->window = glfwCreateWindow(640, 400, "", nullptr, nullptr);
  if (!page->window) return 1;
  glfwMakeContextCurrent(page->window);
  if (!start_graphics(page->window)) return 1;
  // Emscripten's GLFW has no clipboard.
  ImGui::GetIO().SetClipboardTextFn = [](void*, const char* text) { forward_copy(text); };
  listen_for_input();
  page->api.listen([](const std::string& event) { forward_event(event.c_str()); });
  char* display = first_display();
  set_display(parse_json(display));
  std::free(display);
  emscripten_set_main_loop(frame, 0, false);
}
