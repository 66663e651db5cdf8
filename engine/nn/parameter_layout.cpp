#include "engine/nn/parameter_layout.h"

#include <utility>

namespace neural_ode {

Index ParameterLayout::add(std::string name, Index rows, Index cols) {
  const Index offset = size_;
  slices_.push_back({std::move(name), rows, cols, offset});
  size_ += rows * cols;
  return offset;
}

Index ParameterLayout::append(const std::string& prefix, const ParameterLayout& other) {
  const Index offset = size_;
  for (const ParameterSlice& slice : other.slices_) {
    slices_.push_back({prefix + slice.name, slice.rows, slice.cols, offset + slice.offset});
  }
  size_ += other.size_;
  return offset;
}

}  // namespace neural_ode
