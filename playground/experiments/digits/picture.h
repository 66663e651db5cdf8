// The pictures of the experiment `digits`: where things stand in its first plot, and the plots made
// of what a run has measured.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/train/curve_history.h"
#include "playground/experiments/digits/pad.h"
#include "playground/picture/frame.h"

namespace neural_ode {

// Test images and the classes a network takes them for.
struct DigitGuesses {
  std::vector<int> truth, guess;  // of images 0, 1, ...
};

// The first plot: a pad of 28 x 28 at the origin; right of it a column for each class, with a bar
// for its probability, the digit it stands for, and some test images that are taken for it.
struct DigitBoard {
  static constexpr int rows = 6;  // of test images
  static constexpr double cell = 4, left = 32, glyph_bottom = 14.5, bar_bottom = 19, bar_height = 9;
  static constexpr double grid_top = 14;

  // Which test images stand in a column, from the top; mistakes come first.
  static std::array<std::vector<int>, digit_classes> columns(const DigitGuesses& guesses);
  // The test image at a place, or -1.
  static int image_at(const DigitGuesses& guesses, double x, double y);
};

struct BoardContent {
  LabelledImages train, test;
  const DigitGuesses& guesses;
  DigitImage pad{};
  std::array<double, digit_classes> probability{};
};
Plot board_plot(const BoardContent& content, const std::string& caption);
Plot empty_board(const std::string& caption);

// Rows: truth, columns: guess; each row sums to one.
Plot confusion_plot(const DigitGuesses& guesses);

// One curve over training for each entry.
struct NamedHistory {
  const CurveHistory& history;
  Role role;
  std::string label;
};
Plot history_plot(std::string id, std::string title, std::string caption, std::string axis,
                  const std::vector<NamedHistory>& histories, bool share);

// Evaluations and error of the same images at several tolerances; Figure 3a of [chen2018].
struct ToleranceCost {
  double tolerance = 0, nfe = 0, error = 0;
};
Plot tolerance_plot(const std::vector<ToleranceCost>& costs);
// Cost of the two directions over training; Figure 3c of [chen2018].
Plot directions_plot(const CurveHistory& forward, const CurveHistory& backward);

}  // namespace neural_ode
