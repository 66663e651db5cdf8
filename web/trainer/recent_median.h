// Median of the last few values: one slow step (a collection, another tab) does not show.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace neural_ode::web {

template <std::size_t most>
class RecentMedian {
 public:
  void add(double value) { values_[count_++ % most] = value; }
  void clear() { count_ = 0; }
  // NaN before the first value.
  double value() const {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    auto sorted = values_;
    const auto count = static_cast<std::ptrdiff_t>(std::min(count_, most));
    const auto middle = sorted.begin() + count / 2;
    std::nth_element(sorted.begin(), middle, sorted.begin() + count);
    return *middle;
  }

 private:
  std::array<double, most> values_{};
  std::size_t count_ = 0;
};

}  // namespace neural_ode::web
