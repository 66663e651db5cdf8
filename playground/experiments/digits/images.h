// The images of the experiment `digits`: the four IDX files of MNIST, or a part of them.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/data/idx.h"

namespace neural_ode::digits {

inline constexpr int digit_side = 28;  // pixels
inline constexpr int digit_classes = 10;

class DigitImages {
 public:
  // Training images, training labels, test images and test labels, one IDX file after another.
  // Errors name the file of the four that is not as it should be.
  static Result<DigitImages> read(std::string bytes);

  DigitImages() = default;  // none
  bool empty() const { return bytes_.empty(); }
  LabelledImages train() const { return view(0, train_labels_, test_images_); }
  LabelledImages test() const { return view(test_images_, test_labels_, bytes_.size()); }

 private:
  LabelledImages view(std::size_t images, std::size_t labels, std::size_t end) const;

  std::string bytes_;
  std::size_t train_labels_ = 0, test_images_ = 0, test_labels_ = 0;  // where the files begin
};

}  // namespace neural_ode::digits
