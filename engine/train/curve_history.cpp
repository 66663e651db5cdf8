#include "engine/train/curve_history.h"

#include <cmath>

namespace neural_ode {

namespace {

constexpr std::size_t max_points = 400;
constexpr double max_count = 1e15;

}  // namespace

void CurveHistory::add(std::int64_t step, double value) {
  step_sum_ += static_cast<double>(step);
  value_sum_ += value;
  if (++pending_ < stride_) return;
  steps_.push_back(step_sum_ / static_cast<double>(pending_));
  values_.push_back(value_sum_ / static_cast<double>(pending_));
  step_sum_ = value_sum_ = 0;
  pending_ = 0;
  if (steps_.size() < max_points) return;
  for (std::size_t i = 0; i < max_points / 2; ++i) {
    steps_[i] = (steps_[2 * i] + steps_[2 * i + 1]) / 2;
    values_[i] = (values_[2 * i] + values_[2 * i + 1]) / 2;
  }
  steps_.resize(max_points / 2);
  values_.resize(max_points / 2);
  stride_ *= 2;
}

void CurveHistory::clear() {
  *this = CurveHistory();
}

std::vector<float> CurveHistory::steps() const {
  std::vector<float> steps(steps_.begin(), steps_.end());
  if (pending_ > 0) steps.push_back(static_cast<float>(step_sum_ / static_cast<double>(pending_)));
  return steps;
}

std::vector<float> CurveHistory::values() const {
  std::vector<float> values(values_.begin(), values_.end());
  if (pending_ > 0) {
    values.push_back(static_cast<float>(value_sum_ / static_cast<double>(pending_)));
  }
  return values;
}

std::vector<double> CurveHistory::pack() const {
  std::vector<double> numbers = {static_cast<double>(stride_), static_cast<double>(pending_),
                                 step_sum_, value_sum_};
  numbers.insert(numbers.end(), steps_.begin(), steps_.end());
  numbers.insert(numbers.end(), values_.begin(), values_.end());
  return numbers;
}

bool CurveHistory::unpack(const std::vector<double>& numbers) {
  if (numbers.size() < 4 || numbers.size() % 2 != 0 || numbers.size() >= 4 + 2 * max_points) {
    return false;
  }
  for (const double number : numbers) {
    if (!std::isfinite(number)) return false;
  }
  if (numbers[0] < 1 || numbers[0] > max_count || numbers[1] < 0 || numbers[1] >= numbers[0]) {
    return false;
  }
  stride_ = static_cast<std::int64_t>(numbers[0]);
  pending_ = static_cast<std::int64_t>(numbers[1]);
  step_sum_ = numbers[2];
  value_sum_ = numbers[3];
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(4 + (numbers.size() - 4) / 2);
  steps_.assign(numbers.begin() + 4, middle);
  values_.assign(middle, numbers.end());
  return true;
}

}  // namespace neural_ode
