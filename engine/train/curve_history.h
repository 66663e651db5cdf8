// A curve over training steps that never holds more than 400 points: when it is full, neighbours
// are averaged and from then on every point stands for twice as many values.
#pragma once

#include <cstdint>
#include <vector>

namespace neural_ode {

class CurveHistory {
 public:
  void add(std::int64_t step, double value);
  void clear();

  // Averaged points; the last one may be the mean of a part.
  std::vector<float> steps() const;
  std::vector<float> values() const;
  bool empty() const { return steps_.empty() && pending_ == 0; }

  // Everything as numbers, for saving a run exactly; unpack refuses what pack cannot have written.
  std::vector<double> pack() const;
  bool unpack(const std::vector<double>& numbers);

 private:
  std::vector<double> steps_, values_;
  double step_sum_ = 0, value_sum_ = 0;
  std::int64_t pending_ = 0, stride_ = 1;
};

}  // namespace neural_ode
