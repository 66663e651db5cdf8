// A square to draw a digit on, and what a network trained on MNIST should see of the drawing.
#pragma once

#include <array>
#include <span>

#include "engine/core/result.h"
#include "playground/contract/experiment.h"
#include "playground/experiments/digits/images.h"
#include "playground/own_data/undo_stack.h"

namespace neural_ode::digits {

// 0 paper .. 1 ink, row by row from the top.
using DigitImage = std::array<float, std::size_t{digit_side} * digit_side>;

class DigitPad {
 public:
  // x from the left and y from the bottom, both 0 .. 28. `add` puts a round brush down, and where a
  // stroke goes on draws a line to there from where it was last; `remove` wipes within the radius.
  // A whole stroke is undone at once.
  Status edit(const Edit& edit);
  std::size_t edits() const { return undo_.size(); }
  // Shows an image of the data set in place of a drawing.
  void show(const DigitImage& image);
  void reset() { *this = DigitPad(); }

  bool empty() const { return !used_; }
  const DigitImage& image() const { return image_; }
  // The drawing as MNIST prepares them [lecun1998]: its box brought to 20 pixels, its centre of
  // mass to the middle. Images of the data set are as they are.
  DigitImage prepared() const;

 private:
  struct State {
    DigitImage image{};
    bool used = false, drawn = false;
  };
  void remember() { undo_.remember_stroke({image_, used_, drawn_}); }
  void stroke(double x, double y);  // from last_

  DigitImage image_{};
  bool used_ = false;   // something is on it
  bool drawn_ = false;  // by hand
  double last_x_ = 0, last_y_ = 0;
  UndoStack<State> undo_;
};

// An image of the data set.
DigitImage digit_image(const LabelledImages& images, int index);

}  // namespace neural_ode::digits
