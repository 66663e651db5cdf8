// The UI module of the page. JavaScript owns the canvas's size, its pointers and the address; it
// calls playground_*.
#include <emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <cfloat>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "playground/picture/write/json_fields.h"
#include "web/app/api/api.h"
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
  double last_frame = 0;          // s: when one was last displayed
  std::string arguments, answer;  // of playground_call

  void wake() { frames_due = settling_frames; }
};

Page* page = nullptr;

void draw() {
  if (!page->lost) draw_frame(page->view, page->width, page->height, page->density);
}

// Once per displayed frame: draws when something is new or moves, and rests otherwise.
void frame() {
  page->last_frame = emscripten_get_now() / 1000;
  if (page->session.poll() || page->view.animating() || input_waits())
    page->frames_due = std::max(page->frames_due, 1);
  if (page->frames_due <= 0) return;
  --page->frames_due;
  draw();
}

EM_BOOL on_key(int, const EmscriptenKeyboardEvent*, void*) {
  return page->wake(), EM_FALSE;
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

// The value that is being typed; null: none. `digits`: nothing else can be in it.
json typing() {
  const State::Typing* typed = page->view.typing();
  if (!typed) return nullptr;
  const Settings& settings = page->session.settings();
  const int index = settings.find(typed->name);
  if (index < 0) return nullptr;
  const Parameter& row = settings.table()[static_cast<std::size_t>(index)];
  return {{"label", row.label},
          {"text", settings.format(index)},
          {"digits", row.kind == Parameter::Kind::integer && row.minimum >= 0},
          {"x", typed->area.x},
          {"y", typed->area.y},
          {"width", typed->area.w},
          {"height", typed->area.h}};
}

// What came of it: {text}, {reset: true}, or nothing.
void end_typing(const json& arguments) {
  const State::Typing* typed = page->view.typing();
  if (typed && flag_field(arguments, "reset"))
    page->session.reset_parameter(typed->name);
  else if (typed && arguments.contains("text"))
    page->session.set(typed->name, text_field(arguments, "text"));
  page->view.end_typing();
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

// Where the arguments of the next call go, `size` bytes of UTF-8: on the heap, for they may be a file.
EMSCRIPTEN_KEEPALIVE char* playground_arguments(std::size_t size) {
  page->arguments.resize(size);
  return page->arguments.data();
}

// The trainer has said something. What is displayed takes it in with its next frame; a page that has none, because it is
// hidden or far off the screen, takes it in at once.
EMSCRIPTEN_KEEPALIVE void playground_listen() {
  constexpr double displayed = 0.5;  // s between two frames at most
  if (emscripten_get_now() / 1000 - page->last_frame > displayed && page->session.poll())
    page->wake();
}

// The functions of app/api.h, and those that concern the picture, with JSON for their arguments.
EMSCRIPTEN_KEEPALIVE const char* playground_call(const char* name) {
  const std::string& arguments = page->arguments;
  const std::string_view function = name;
  if (function == "widgets") {
    page->answer = widgets().dump();
  } else if (function == "display") {
    set_display(neural_ode::parse_json(arguments));
    page->answer = "{}";
  } else if (function == "typing") {
    page->answer = typing().dump();
  } else if (function == "typed") {
    end_typing(neural_ode::parse_json(arguments));
    page->answer = "{}";
  } else {
    page->answer = page->api.call(function, arguments);
    page->wake();
  }
  return page->answer.c_str();
}

// In device pixels, of which a CSS pixel has `density`.
EMSCRIPTEN_KEEPALIVE void playground_resize(int width, int height, double density) {
  page->density = static_cast<float>(density);
  page->width = static_cast<float>(width / density);
  page->height = static_cast<float>(height / density);
  emscripten_set_canvas_element_size("#canvas", width, height);
  page->wake();
}

// --- pointers, in CSS pixels of the canvas; `source` as Dear ImGui counts them

EMSCRIPTEN_KEEPALIVE void playground_point(double x, double y, int source) {
  ImGuiIO& io = ImGui::GetIO();
  io.AddMouseSourceEvent(static_cast<ImGuiMouseSource>(source));
  io.AddMousePosEvent(static_cast<float>(x), static_cast<float>(y));
  page->wake();
}

// Draws until what the pointer did has had its effect.
EMSCRIPTEN_KEEPALIVE void playground_settle() {
  constexpr int most = 6;  // frames
  for (int i = 0; i < most && input_waits(); ++i) draw();
}

// `second`: of a double click.
EMSCRIPTEN_KEEPALIVE void playground_press(int button, int down, int second) {
  ImGuiIO& io = ImGui::GetIO();
  // A plot, on which other things may lie, has to be hovered in a frame before it is pressed; and
  // where a drag has come to is seen in a frame before it is let go.
  playground_settle();
  if (down) {
    io.MouseDoubleClickTime = second ? 3.0f : 0.0f;  // s, that its frames may take
    io.MouseDoubleClickMaxDist = 24;                 // px, of a finger; pointers.js knows it better
  }
  io.AddMouseButtonEvent(button, down != 0);
  page->wake();
}

// What is pressed has been so for a while: a long press, unless it was dragged.
EMSCRIPTEN_KEEPALIVE void playground_hold() {
  page->view.hold();
  page->wake();
}

// How fast the finger was that has just lifted: what it scrolled runs on.
EMSCRIPTEN_KEEPALIVE void playground_fling(double speed) {
  page->view.fling(static_cast<float>(speed));
  page->wake();
}

// Nothing is pointed at.
EMSCRIPTEN_KEEPALIVE void playground_leave() {
  ImGui::GetIO().AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  page->wake();
}

// What is pressed is let go where nothing is: it keeps what it has, and no button is clicked.
EMSCRIPTEN_KEEPALIVE void playground_cancel() {
  ImGuiIO& io = ImGui::GetIO();
  // Away and up in one frame, which Dear ImGui grants a mouse alone.
  io.AddMouseSourceEvent(ImGuiMouseSource_Mouse);
  playground_leave();
  for (int button = 0; button < 3; ++button) io.AddMouseButtonEvent(button, false);
}

// By so many CSS pixels of scrolling.
EMSCRIPTEN_KEEPALIVE void playground_wheel(double dx, double dy) {
  ImGuiIO& io = ImGui::GetIO();
  // Dear ImGui takes the other wheel while Shift is held; the browser's axes are the right ones.
  if (io.KeyShift) std::swap(dx, dy);
  const float turn = wheel_turn();
  io.AddMouseWheelEvent(static_cast<float>(-dx) / turn, static_cast<float>(-dy) / turn);
  page->wake();
}

// Two fingers, or a wheel with Ctrl: about (x, y), by a factor, and moved by (dx, dy).
EMSCRIPTEN_KEEPALIVE void playground_pinch(double x, double y, double factor, double dx,
                                           double dy) {
  page->view.pinch(factor, {static_cast<float>(dx), static_cast<float>(dy)});
  playground_point(x, y, ImGuiMouseSource_Mouse);
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
  page->view.options().native_fields = true;
  // Emscripten's GLFW has no clipboard.
  ImGui::GetIO().SetClipboardTextFn = [](void*, const char* text) { forward_copy(text); };
  emscripten_set_keydown_callback(EMSCRIPTEN_EVENT_TARGET_WINDOW, nullptr, true, on_key);
  page->api.listen([](const std::string& event) { forward_event(event.c_str()); });
  char* display = first_display();
  set_display(neural_ode::parse_json(display));
  std::free(display);
  emscripten_set_main_loop(frame, 0, false);
}
