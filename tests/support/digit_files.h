// Four IDX files as those of MNIST, small ones.
#pragma once

#include <string>

#include "engine/core/rng.h"

namespace neural_ode::testing {

// One IDX file after another: `train` images with labels, then `test`. Class k is a bar that leans
// and stands by k, at a place that varies a little.
inline std::string digit_files(int train, int test) {
  Rng rng(99);
  const auto number = [](int value) {
    std::string bytes(4, '\0');
    for (int i = 0; i < 4; ++i)
      bytes[static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * (3 - i)) & 255);
    return bytes;
  };
  std::string all;
  for (const int count : {train, test}) {
    std::string pixels, labels;
    for (int s = 0; s < count; ++s) {
      const int label = static_cast<int>(rng.below(10));
      const int shift = static_cast<int>(rng.below(3));
      const bool upright = label % 2 == 0;
      const int thickness = 1 + label / 2 * 2;
      for (int i = 0; i < 28; ++i) {
        for (int j = 0; j < 28; ++j) {
          const int across = (upright ? j : i) - 8 - shift, along = upright ? i : j;
          const bool inked = across >= 0 && across < thickness && along >= 4 && along < 24;
          pixels += static_cast<char>((inked ? 220 : 0) + static_cast<int>(rng.below(30)));
        }
      }
      labels += static_cast<char>(label);
    }
    all += number(0x803) + number(count) + number(28) + number(28) + pixels;
    all += number(0x801) + number(count) + labels;
  }
  return all;
}

}  // namespace neural_ode::testing
