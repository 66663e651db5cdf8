// The values that a picture has to have room for in one direction.
#pragma once

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"
#include "playground/picture/frame.h"

namespace neural_ode {

class AxisRange {
 public:
  void add(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  // With some room around; an axis for which there was nothing stays as it is.
  void apply(Axis& axis) const {
    if (empty()) return;
    const double room = axis.logarithmic ? 1.6 : 0.06 * (high_ - low_);
    axis.minimum = axis.logarithmic ? low_ / room : low_ - (room > 0 ? room : 1);
    axis.maximum = axis.logarithmic ? high_ * room : high_ + (room > 0 ? room : 1);
  }
  // The same with the lower part of the plot left to the legend.
  void apply_above_legend(Axis& axis) const {
    constexpr double share = 0.25;
    apply(axis);
    if (empty()) return;
    if (axis.logarithmic) {
      axis.minimum *= math::pow(axis.minimum / axis.maximum, share);
    } else {
      axis.minimum -= share * (axis.maximum - axis.minimum);
    }
  }
  bool empty() const { return !(low_ <= high_); }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_ = INFINITY, high_ = -INFINITY;
};

}  // namespace neural_ode
