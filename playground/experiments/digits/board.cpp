#include "playground/experiments/digits/board.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "playground/picture/plots.h"

namespace neural_ode::digits {

namespace {

constexpr auto side = static_cast<std::size_t>(digit_side);
constexpr double right = DigitBoard::left + DigitBoard::cell * digit_classes;
constexpr int bar_columns = 4, bar_rows = 36;  // cells of a bar, one of the columns a gap

// An image, rows from the top, onto a sheet at cell (column, row) from the lower left.
void paste(const DigitImage& image, std::size_t column, std::size_t row, Heatmap& paper) {
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      paper.z[(row + side - 1 - i) * static_cast<std::size_t>(paper.nx) + column + j] =
          image[i * side + j];
    }
  }
}

void add_square(Paths& squares, double x0, double y1) {
  constexpr double size = DigitBoard::cell, inset = 0.15;
  const double low_x = x0 + inset, high_x = x0 + size - inset;
  const double high_y = y1 - inset, low_y = y1 - size + inset;
  squares.begin();
  squares.append(low_x, low_y);
  squares.append(high_x, low_y);
  squares.append(high_x, high_y);
  squares.append(low_x, high_y);
  squares.append(low_x, low_y);
}

void frame_board(Plot& plot) {
  plot.id = "digit";
  plot.title = "Draw a digit";
  plot.equal_aspect = true;
  plot.x = {"", -1, right + 1};
  plot.y = {"", DigitBoard::grid_top - DigitBoard::cell * DigitBoard::rows - 1, 33};
}

// The square to draw on: an image, and the edge of its paper.
void add_pad(Plot& plot, const DigitImage& drawn) {
  Heatmap pad = sheet(side, side, 0, digit_side, 0, digit_side);
  paste(drawn, 0, 0, pad);
  plot.layers.push_back(make_layer(std::move(pad)));
  Paths edge;
  for (const auto& [x, y] : {std::pair(0, 0), {1, 0}, {1, 1}, {0, 1}, {0, 0}})
    edge.append(x * digit_side, y * digit_side);
  plot.layers.push_back(make_layer(std::move(edge)));
  plot.layers.back().faint = true;
}

}  // namespace

Heatmap sheet(std::size_t nx, std::size_t ny, double x0, double x1, double y0, double y1) {
  Heatmap paper;
  paper.nx = static_cast<int>(nx);
  paper.ny = static_cast<int>(ny);
  paper.x_range = {static_cast<float>(x0), static_cast<float>(x1)};
  paper.y_range = {static_cast<float>(y0), static_cast<float>(y1)};
  paper.z.assign(nx * ny, 0);
  return paper;
}

std::array<std::vector<int>, digit_classes> DigitBoard::columns(const DigitGuesses& guesses) {
  std::array<std::vector<int>, digit_classes> columns;
  for (const bool right_ones : {false, true}) {
    for (std::size_t i = 0; i < guesses.guess.size(); ++i) {
      auto& column = columns[static_cast<std::size_t>(guesses.guess[i])];
      if ((guesses.guess[i] == guesses.truth[i]) == right_ones && column.size() < rows)
        column.push_back(static_cast<int>(i));
    }
  }
  return columns;
}

int DigitBoard::image_at(const DigitGuesses& guesses, double x, double y) {
  const double column = std::floor((x - left) / cell), row = std::floor((grid_top - y) / cell);
  if (!(column >= 0) || !(column < digit_classes) || !(row >= 0) || !(row < rows)) return -1;
  const auto all = columns(guesses);
  const std::vector<int>& images = all[static_cast<std::size_t>(column)];
  const auto place = static_cast<std::size_t>(row);
  return place < images.size() ? images[place] : -1;
}

Plot empty_board(const std::string& caption) {
  Plot plot;
  frame_board(plot);
  plot.caption = caption;
  add_pad(plot, {});
  return plot;
}

Plot board_plot(const BoardContent& content, const std::string& caption) {
  using Board = DigitBoard;
  Plot plot;
  frame_board(plot);
  plot.caption = caption;
  plot.drawing = Plot::Drawing::pad;
  add_pad(plot, content.pad);

  Heatmap bars = sheet(bar_columns * digit_classes, bar_rows, Board::left, right, Board::bar_bottom,
                       Board::bar_bottom + Board::bar_height);
  for (std::size_t k = 0; k < digit_classes; ++k) {
    const double height = content.probability[k] * bar_rows;
    for (std::size_t row = 0; row < bar_rows; ++row) {
      const auto fill = static_cast<float>(std::clamp(height - static_cast<double>(row), 0.0, 1.0));
      for (std::size_t j = 0; j + 1 < bar_columns; ++j)
        bars.z[(row * digit_classes + k) * bar_columns + j] = 0.6F * fill;
    }
  }
  plot.layers.push_back(make_layer(std::move(bars)));

  // The first training image of each class stands for it.
  Heatmap glyphs = sheet(side * digit_classes, side, Board::left, right, Board::glyph_bottom,
                         Board::glyph_bottom + Board::cell);
  for (int k = 0; k < digit_classes; ++k) {
    const auto found = std::find(content.train.label.begin(), content.train.label.end(), k);
    if (found == content.train.label.end()) continue;
    paste(digit_image(content.train, static_cast<int>(found - content.train.label.begin())),
          static_cast<std::size_t>(k) * side, 0, glyphs);
  }
  plot.layers.push_back(make_layer(std::move(glyphs)));

  Heatmap grid = sheet(side * digit_classes, side * Board::rows, Board::left, right,
                       Board::grid_top - Board::cell * Board::rows, Board::grid_top);
  Paths mistakes;
  const auto columns = Board::columns(content.guesses);
  for (std::size_t k = 0; k < columns.size(); ++k) {
    for (std::size_t i = 0; i < columns[k].size(); ++i) {
      const auto image = static_cast<std::size_t>(columns[k][i]);
      paste(digit_image(content.test, columns[k][i]), k * side, (Board::rows - 1 - i) * side, grid);
      if (content.guesses.guess[image] == content.guesses.truth[image]) continue;
      add_square(mistakes, Board::left + Board::cell * static_cast<double>(k),
                 Board::grid_top - Board::cell * static_cast<double>(i));
    }
  }
  plot.layers.push_back(make_layer(std::move(grid)));
  plot.layers.push_back(make_layer(std::move(mistakes), Role::class_b, "mistaken"));
  return plot;
}

}  // namespace neural_ode::digits
