// Named arrays as a safetensors file [safetensors]: 8 bytes of header length, a JSON header, raw
// little-endian values.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"

namespace neural_ode {

struct Tensor {
  enum class Type { f32, f64 } type = Type::f32;
  std::vector<std::int64_t> shape;
  std::vector<double> values;  // row-major; a float is exact in a double
};

struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

std::vector<std::uint8_t> write_safetensors(const TensorFile& file);
// Refuses, with a message that says which: truncated files, absurd header lengths, names that occur
// twice, tensors outside the data, over each other or with bytes between or behind them that belong
// to none, shapes that do not match their bytes, types other than F32 and F64, metadata that are no
// text.
Result<TensorFile> read_safetensors(std::span<const std::uint8_t> bytes);

}  // namespace neural_ode
