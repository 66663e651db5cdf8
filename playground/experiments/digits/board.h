// The first plot of `digits`: a pad of 28 x 28 at the origin; right of it a column for each class,
// with a bar for its probability, the digit it stands for, and some test images that are taken for
// it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "playground/experiments/digits/images.h"
#include "playground/experiments/digits/pad.h"
#include "playground/picture/frame.h"

namespace neural_ode::digits {

// Test images and the classes a network takes them for.
struct DigitGuesses {
  std::vector<int> truth, guess;  // of images 0, 1, ...
};

// Where things stand.
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

// A heat map of nx x ny cells over a rectangle, all paper.
Heatmap sheet(std::size_t nx, std::size_t ny, double x0, double x1, double y0, double y1);

}  // namespace neural_ode::digits
