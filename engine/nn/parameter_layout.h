// Which part of the flat parameter vector theta belongs to which named matrix.
#pragma once

#include <string>
#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

struct ParameterSlice {
  std::string name;  // "field.0.weight"
  Index rows = 0, cols = 0;
  Index offset = 0;  // of the first entry in theta; entries follow column-major
  Index size() const { return rows * cols; }
};

class ParameterLayout {
 public:
  // Returns the offset of the new slice.
  Index add(std::string name, Index rows, Index cols);
  // Appends all slices of `other`, with `prefix` before their names; returns the offset of the
  // first.
  Index append(const std::string& prefix, const ParameterLayout& other);

  Index size() const { return size_; }
  const std::vector<ParameterSlice>& slices() const { return slices_; }

 private:
  std::vector<ParameterSlice> slices_;
  Index size_ = 0;
};

}  // namespace neural_ode
