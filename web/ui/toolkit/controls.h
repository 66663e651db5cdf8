// Buttons and the controls of one parameter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "playground/contract/parameter.h"
#include "web/ui/toolkit/ui.h"

namespace neural_ode::web {

enum class ButtonStyle { quiet, raised, primary };

struct ButtonLook {
  ButtonStyle style = ButtonStyle::raised;
  Icon icon = Icon::none;
  bool enabled = true;
  bool selected = false;
  bool show_label = true;  // otherwise the icon alone, the label as a tooltip
};

bool button(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
            const ButtonLook& look = {});

// A slim slider with a knob; `position` in [0, 1] is changed by dragging. `fill` draws the line to
// the knob.
struct SliderResult {
  bool changed = false, double_clicked = false;
};
SliderResult slider(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
                    std::string_view value, float& position);

// Two or three options side by side; returns the option that was clicked, else -1.
int segmented(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
              const std::vector<std::string>& options, int selected);
// A list that opens; the same.
int drop_down(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
              const std::vector<Choice>& options, int selected);
bool toggle(Ui& ui, const Rect& area, std::string_view id, std::string_view label, bool on);

// A heading of a panel: 11 px capitals. Returns where it ends.
float heading(Ui& ui, float x, float y, std::string_view text);

// Where a value of the parameter lies on its slider, and back.
float slider_position(const Parameter& row, double value);
double slider_value(const Parameter& row, float position);

}  // namespace neural_ode::web
