#include "playground/experiments/digits/pad.h"

#include <algorithm>
#include <cmath>

namespace neural_ode::digits {
namespace {

constexpr double side = digit_side;
// The brush: ink up to `core` from its middle, none from `rim` on, in pixels.
constexpr double core = 0.7, rim = 1.8;
constexpr float faintest = 0.1F;  // that counts as ink
constexpr double box = 20;        // of MNIST's digits

std::size_t pixel(int row, int column) {
  return static_cast<std::size_t>(row * digit_side + column);
}

// Distance of (x, y) from the line between two points.
double distance(double x, double y, double ax, double ay, double bx, double by) {
  const double dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
  const double along =
      length > 0 ? std::clamp(((x - ax) * dx + (y - ay) * dy) / length, 0.0, 1.0) : 0;
  const double ox = x - ax - along * dx, oy = y - ay - along * dy;
  return std::sqrt(ox * ox + oy * oy);
}

// Between the centres of pixels; beyond the edge all is paper.
double interpolate(const DigitImage& image, double row, double column) {
  const double top = std::floor(row), left = std::floor(column);
  double value = 0;
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      const double r = top + i, c = left + j;
      if (r < 0 || c < 0 || r >= side || c >= side) continue;
      value += (1 - std::abs(row - r)) * (1 - std::abs(column - c)) *
               static_cast<double>(image[pixel(static_cast<int>(r), static_cast<int>(c))]);
    }
  }
  return value;
}

}  // namespace

void DigitPad::stroke(double x, double y) {
  for (int row = 0; row < digit_side; ++row) {
    for (int column = 0; column < digit_side; ++column) {
      const double from = distance(column + 0.5, side - row - 0.5, last_x_, last_y_, x, y);
      const auto ink = static_cast<float>(std::clamp((rim - from) / (rim - core), 0.0, 1.0));
      image_[pixel(row, column)] = std::max(image_[pixel(row, column)], ink);
    }
  }
  last_x_ = x;
  last_y_ = y;
}

Status DigitPad::edit(const Edit& edit) {
  if (!std::isfinite(edit.x) || !std::isfinite(edit.y) || !std::isfinite(edit.radius)) {
    return Error{"drawing needs finite coordinates"};
  }
  undo_.begin(edit.goes_on);
  switch (edit.action) {
    case Edit::Action::add: {
      const bool goes_on = edit.goes_on && drawn_;
      remember();
      if (!goes_on) {
        if (!drawn_) image_ = {};
        last_x_ = edit.x;
        last_y_ = edit.y;
      }
      used_ = drawn_ = true;
      stroke(edit.x, edit.y);
      return {};
    }
    case Edit::Action::remove:
      if (!used_) return Error{"there is nothing drawn here"};
      remember();
      for (int row = 0; row < digit_side; ++row) {
        for (int column = 0; column < digit_side; ++column) {
          const double dx = column + 0.5 - edit.x, dy = side - row - 0.5 - edit.y;
          if (dx * dx + dy * dy <= edit.radius * edit.radius) image_[pixel(row, column)] = 0;
        }
      }
      return {};
    case Edit::Action::clear:
      if (used_) remember();
      image_ = {};
      used_ = drawn_ = false;
      return {};
    case Edit::Action::undo: {
      State before;
      if (!undo_.take_back(before)) return Error{"nothing to undo"};
      image_ = before.image;
      used_ = before.used;
      drawn_ = before.drawn;
      return {};
    }
  }
  return {};
}

void DigitPad::show(const DigitImage& image) {
  undo_.begin(false);
  remember();
  image_ = image;
  used_ = true;
  drawn_ = false;
}

DigitImage DigitPad::prepared() const {
  if (!drawn_) return image_;
  int top = digit_side, bottom = -1, left = digit_side, right = -1;
  double mass = 0, row_sum = 0, column_sum = 0;
  for (int row = 0; row < digit_side; ++row) {
    for (int column = 0; column < digit_side; ++column) {
      const float ink = image_[pixel(row, column)];
      mass += static_cast<double>(ink);
      row_sum += row * static_cast<double>(ink);
      column_sum += column * static_cast<double>(ink);
      if (ink < faintest) continue;
      top = std::min(top, row);
      bottom = std::max(bottom, row);
      left = std::min(left, column);
      right = std::max(right, column);
    }
  }
  if (bottom < top) return image_;
  const double longest = std::max(bottom - top, right - left) + 1;
  // A dot is no digit, and is not blown up to one.
  const double scale = std::min(box / longest, 2.0);
  const double middle = (side - 1) / 2;
  DigitImage prepared{};
  for (int row = 0; row < digit_side; ++row) {
    for (int column = 0; column < digit_side; ++column) {
      prepared[pixel(row, column)] =
          static_cast<float>(interpolate(image_, row_sum / mass + (row - middle) / scale,
                                         column_sum / mass + (column - middle) / scale));
    }
  }
  return prepared;
}

DigitImage digit_image(const LabelledImages& images, int index) {
  DigitImage image;
  const std::size_t first = static_cast<std::size_t>(index) * image.size();
  for (std::size_t i = 0; i < image.size(); ++i)
    image[i] = static_cast<float>(images.pixels[first + i]) / 255.0F;
  return image;
}

}  // namespace neural_ode::digits
