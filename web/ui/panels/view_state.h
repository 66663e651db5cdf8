// What the person does with the view itself: nothing here is part of a run.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "web/app/session/pinned_runs.h"
#include "web/app/session/session.h"
#include "web/ui/plot/handle.h"
#include "web/ui/plot/layers.h"
#include "web/ui/plot/legend.h"
#include "web/ui/plot/plot_window.h"
#include "web/ui/plot/space.h"
#include "web/ui/toolkit/ui.h"

namespace neural_ode::web {

// How the page wants to be shown.
struct DisplayOptions {
  bool light = false;
  bool embed = false;
  bool lock = false;  // settings are seen, not changed
  bool reduced_motion = false;
  bool touch = false;
  bool native_fields = false;     // what is typed is typed into a field of the platform's
  bool hint = false;              // how to move the picture, until it is dismissed
  std::vector<std::string> hide;  // "parameters", "loss", "transport", ...

  bool hides(std::string_view part) const;
};

enum class Brush { class_a, class_b, eraser };
enum class Tab { picture, parameters, curves, about };

// Everything that a panel draws from and acts on.
struct View {
  Ui& ui;
  Session& session;
  const DisplayOptions& options;
  // What only the surroundings can do: "copy_link", "toggle_theme", "open_data", "open_full_page",
  // "hint_seen", "type_value" (State::typing has changed).
  const std::function<void(std::string_view)>& act;
  struct State& state;
};

struct State {
  LayerContext layers;
  double time_fraction = 0;  // of the scrubber, 0 to 1
  bool time_playing = true;  // t runs to the end, and round again while training runs ...
  bool time_asked = false;   // ... or because it was asked to
  double time_rest = 0;      // seconds left at the end of a round
  Brush brush = Brush::class_a;
  bool another = false;                         // the next point begins another trajectory
  std::optional<std::array<double, 2>> stroke;  // of what is drawn with the pointer held: its end
  // The plot that was drawn on: what is seen of it stays, whatever its axes come to.
  std::string drawn_on;
  struct Shown {
    std::string plot;
    PlotView fitted;
  };
  std::optional<Shown> shown;  // in the large place, in the frame before
  struct Ink {
    double x, y;
    int label;  // of Edit
    bool goes_on;
    std::uint64_t until;  // the frame that shows it
  };
  std::vector<Ink> ink;    // drawn a moment ago
  Tab tab = Tab::picture;  // where no tab holds the picture: the parameters
  bool overlay = false;    // embedded: parameters over the picture
  struct Typing {
    std::string name;  // of the parameter
    Rect area;
    double since = 0;  // in Dear ImGui's seconds
    bool focused = false;
    char text[64] = {};
  };
  std::optional<Typing> typing;  // the value that is being typed
  std::string experiment;        // the last one shown, to start its time afresh
  // --- the plots, by id
  std::string hero;  // of the plot in the large place; empty: the first
  std::unordered_map<std::string, PlotWindow> windows;
  std::unordered_map<std::string, Orbit> orbits;
  HandleDrag handle;
  HiddenLayers hidden;
  std::unordered_map<std::string, double> pinned_x;  // where a read-out stays
  std::set<std::string> tables;                      // shown as numbers
  std::string copied;                                // whose numbers went to the clipboard ...
  double copied_at = 0;                              // ... and when, in Dear ImGui's seconds
  PinnedRuns pinned;
  bool sheet_asked = false;  // of the keys
  // The transport bar had no room for seed, speed and every figure: they are in the panels.
  bool narrow_transport = false;
};

// Draws and drags the plot's handle, if it has one, and tells the session. True: it has the
// pointer.
bool drag_handle(View& view, const PlotView& plot_view, const Plot& plot, const Press& press,
                 bool may_grab);
// The seconds that a plot in space turns by itself in this frame: while the run plays.
double drift(const View& view);

// Whether the scrubber's t is moving by itself.
bool time_moves(const State& state, const Session& session);

// --- the panels
void draw_top_bar(View& view, const Rect& area);
// Names or a list that opens, within `area`; returns where they end.
float draw_experiments(View& view, const Rect& area);
void draw_parameters(View& view, const Rect& area);  // scrolls
void draw_hero(View& view, const Rect& area);        // plot with title, legend and scrubber
// The time of the picture: runs round and round while training does, else to the end; or stays
// where it was put.
void advance_time(View& view, const Plot& plot);
void draw_scrubber(View& view, const Rect& area);
// The plot in the large place; null: the frame has none.
const Plot* hero_plot(const State& state, const Frame& frame);
// Those beside it.
std::vector<const Plot*> other_plots(const State& state, const Frame& frame);
// As high as `plot_height` and the rows of its legend.
float card_height(View& view, const Plot& plot, float width, float plot_height);
void draw_plot_card(View& view, const Rect& area, const Plot& plot);
// The numbers of a plot in place of its picture; and the picture again.
void toggle_table(State& state, const std::string& plot);
void draw_table(View& view, const Rect& area, const Plot& plot);
// Layers `first` to `last` - 1, without those that were switched off and handles.
void draw_layers(View& view, const PlotView& plot_view, const Plot& plot, std::size_t first,
                 std::size_t last);
// What the runs that were pinned had in this plot, under what it shows.
void draw_pinned_curves(View& view, const PlotView& plot_view, const Plot& plot);
// Those runs below one another from (x, y) on; returns where they end, y when there are none.
float draw_pinned_runs(View& view, float x, float y, float width);
struct Story {
  bool curves = true, numbers = true, about = true;
};
void draw_story(View& view, const Rect& area, const Story& story);  // scrolls
void draw_transport(View& view, const Rect& area);
// From x on, centred on y; returns where they end.
float draw_seed_and_speed(View& view, float x, float y, float height);
// The keys: what they do (only while nothing is being typed), and a sheet that says so.
void handle_keys(View& view);
void draw_shortcuts(View& view, const Rect& screen);
void draw_notices(View& view, const Rect& area);  // notes, divergence, settings that cannot run

}  // namespace neural_ode::web
