#include "playground/experiments/digits/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "playground/picture/plots.h"

namespace neural_ode {
namespace {

constexpr auto side = static_cast<std::size_t>(digit_side);
constexpr double right = DigitBoard::left + DigitBoard::cell * digit_classes;
constexpr int bar_columns = 4, bar_rows = 36;  // cells of a bar, one of the columns a gap
constexpr float smallest = 1e-8F;              // that a logarithmic axis shows

// A heat map of nx x ny cells over a rectangle, all paper.
Layer sheet(std::size_t nx, std::size_t ny, double x0, double x1, double y0, double y1) {
  Layer layer;
  layer.kind = LayerKind::heatmap;
  layer.nx = static_cast<int>(nx);
  layer.ny = static_cast<int>(ny);
  layer.x = {static_cast<float>(x0), static_cast<float>(x1)};
  layer.y = {static_cast<float>(y0), static_cast<float>(y1)};
  layer.z.assign(nx * ny, 0);
  return layer;
}

// An image, rows from the top, onto a sheet at cell (column, row) from the lower left.
void paste(const DigitImage& image, std::size_t column, std::size_t row, Layer& layer) {
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      layer.z[(row + side - 1 - i) * static_cast<std::size_t>(layer.nx) + column + j] =
          image[i * side + j];
    }
  }
}

void add_square(Layer& layer, double x0, double y1) {
  constexpr double size = DigitBoard::cell, inset = 0.15;
  layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
  const double low_x = x0 + inset, high_x = x0 + size - inset;
  const double high_y = y1 - inset, low_y = y1 - size + inset;
  append_vertex(layer, low_x, low_y);
  append_vertex(layer, high_x, low_y);
  append_vertex(layer, high_x, high_y);
  append_vertex(layer, low_x, high_y);
  append_vertex(layer, low_x, low_y);
}

void frame_board(Plot& plot) {
  plot.id = "digit";
  plot.title = "Draw a digit";
  plot.equal_aspect = true;
  plot.x = {"", -1, right + 1};
  plot.y = {"", DigitBoard::grid_top - DigitBoard::cell * DigitBoard::rows - 1, 33};
}

// The square to draw on: an image, and the edge of its paper.
void add_pad(Plot& plot) {
  plot.layers.push_back(sheet(side, side, 0, digit_side, 0, digit_side));
  Layer edge;
  edge.kind = LayerKind::paths;
  edge.faint = true;
  for (const auto& [x, y] : {std::pair(0, 0), {1, 0}, {1, 1}, {0, 1}, {0, 0}})
    append_vertex(edge, x * digit_side, y * digit_side);
  plot.layers.push_back(std::move(edge));
}

// Axis limits around positive values.
void fit_axis(Axis& axis, const std::vector<float>& values) {
  if (values.empty()) return;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (axis.logarithmic) {
    axis.minimum = static_cast<double>(*low) / 1.5;
    axis.maximum = static_cast<double>(*high) * 1.5;
  } else {
    axis.minimum = 0;
    axis.maximum = std::max(static_cast<double>(*high) * 1.15, 1.0);
  }
}

}  // namespace

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
  add_pad(plot);
  return plot;
}

Plot board_plot(const BoardContent& content, const std::string& caption) {
  using Board = DigitBoard;
  Plot plot;
  frame_board(plot);
  plot.caption = caption;
  plot.editable = true;
  add_pad(plot);
  paste(content.pad, 0, 0, plot.layers.front());

  Layer bars = sheet(bar_columns * digit_classes, bar_rows, Board::left, right, Board::bar_bottom,
                     Board::bar_bottom + Board::bar_height);
  for (std::size_t k = 0; k < digit_classes; ++k) {
    const double height = content.probability[k] * bar_rows;
    for (std::size_t row = 0; row < bar_rows; ++row) {
      const auto fill = static_cast<float>(std::clamp(height - static_cast<double>(row), 0.0, 1.0));
      for (std::size_t j = 0; j + 1 < bar_columns; ++j)
        bars.z[(row * digit_classes + k) * bar_columns + j] = 0.6F * fill;
    }
  }
  plot.layers.push_back(std::move(bars));

  // The first training image of each class stands for it.
  Layer glyphs = sheet(side * digit_classes, side, Board::left, right, Board::glyph_bottom,
                       Board::glyph_bottom + Board::cell);
  for (int k = 0; k < digit_classes; ++k) {
    const auto found = std::find(content.train.label.begin(), content.train.label.end(), k);
    if (found == content.train.label.end()) continue;
    paste(digit_image(content.train, static_cast<int>(found - content.train.label.begin())),
          static_cast<std::size_t>(k) * side, 0, glyphs);
  }
  plot.layers.push_back(std::move(glyphs));

  Layer grid = sheet(side * digit_classes, side * Board::rows, Board::left, right,
                     Board::grid_top - Board::cell * Board::rows, Board::grid_top);
  Layer mistakes;
  mistakes.kind = LayerKind::paths;
  mistakes.role = Role::class_b;
  mistakes.label = "mistaken";
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
  plot.layers.push_back(std::move(grid));
  plot.layers.push_back(std::move(mistakes));
  return plot;
}

Plot confusion_plot(const DigitGuesses& guesses) {
  Plot plot;
  plot.id = "confusion";
  plot.title = "Taken for";
  plot.caption = "of the test images of a digit (row), the share taken for each digit (column)";
  plot.x = {"taken for", -0.5, digit_classes - 0.5};
  plot.y = {"digit", -0.5, digit_classes - 0.5};
  Layer layer =
      sheet(digit_classes, digit_classes, -0.5, digit_classes - 0.5, -0.5, digit_classes - 0.5);
  std::array<float, digit_classes> total{};
  for (std::size_t i = 0; i < guesses.guess.size(); ++i) {
    const auto truth = static_cast<std::size_t>(guesses.truth[i]);
    total[truth] += 1;
    layer.z[truth * digit_classes + static_cast<std::size_t>(guesses.guess[i])] += 1;
  }
  for (std::size_t i = 0; i < layer.z.size(); ++i)
    layer.z[i] /= std::max(total[i / digit_classes], 1.0F);
  plot.layers.push_back(std::move(layer));
  return plot;
}

Plot history_plot(std::string id, std::string title, std::string caption, std::string axis,
                  const std::vector<NamedHistory>& histories, bool share) {
  Plot plot;
  plot.id = std::move(id);
  plot.title = std::move(title);
  plot.caption = std::move(caption);
  plot.x = {"step", 0, 10};
  plot.y = {std::move(axis), 0, 1};
  std::vector<float> all;
  for (const NamedHistory& each : histories) {
    Layer layer;
    layer.kind = LayerKind::curve;
    layer.role = each.role;
    layer.label = each.label;
    layer.x = each.history.steps();
    layer.y = each.history.values();
    all.insert(all.end(), layer.y.begin(), layer.y.end());
    for (const float step : layer.x)
      plot.x.maximum = std::max(plot.x.maximum, static_cast<double>(step));
    plot.layers.push_back(std::move(layer));
  }
  if (!share) fit_axis(plot.y, all);
  return plot;
}

Plot tolerance_plot(const std::vector<ToleranceCost>& costs) {
  Plot plot;
  plot.id = "tolerance";
  plot.title = "Evaluations against accuracy";
  plot.caption =
      "the same test images at tolerances from 0.1 to 1e-5: evaluations of f, and the "
      "largest error of a logit";
  plot.x = {"error", 1e-6, 1, true};
  plot.y = {"evaluations", 0, 1};
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = Role::model;
  layer.series = 0;
  for (const ToleranceCost& cost : costs) {
    layer.x.push_back(std::max(static_cast<float>(cost.error), smallest));
    layer.y.push_back(static_cast<float>(cost.nfe));
  }
  fit_axis(plot.x, layer.x);
  fit_axis(plot.y, layer.y);
  plot.layers.push_back(std::move(layer));
  return plot;
}

Plot directions_plot(const CurveHistory& forward, const CurveHistory& backward) {
  Plot plot;
  plot.id = "directions";
  plot.title = "Backward against forward";
  plot.caption = "vector-Jacobian products of a step against its evaluations; the line: as many";
  plot.x = {"forward", 0, 1};
  plot.y = {"backward", 0, 1};
  Layer equal;
  equal.kind = LayerKind::curve;
  equal.dashed = true;
  Layer layer;
  layer.kind = LayerKind::points;
  layer.role = Role::model;
  layer.x = forward.values();
  layer.y = backward.values();
  fit_axis(plot.x, layer.x);
  fit_axis(plot.y, layer.y);
  plot.x.maximum = plot.y.maximum = std::max(plot.x.maximum, plot.y.maximum);
  equal.x = equal.y = {0, static_cast<float>(plot.x.maximum)};
  plot.layers.push_back(std::move(equal));
  plot.layers.push_back(std::move(layer));
  return plot;
}

}  // namespace neural_ode
