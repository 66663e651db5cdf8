// Labelled images in the IDX format of the MNIST files [lecun1998], from memory.
//
// A file is: two zero bytes, the type of an entry (8: unsigned byte), the number of dimensions,
// each dimension as a big-endian 32-bit number, the entries, last dimension fastest.
#pragma once

#include <span>

#include "engine/core/result.h"
#include "engine/core/types.h"

namespace neural_ode {

// Views of the bytes they were read from.
struct LabelledImages {
  int height = 0, width = 0;
  std::span<const unsigned char> pixels;  // images one after another, row by row
  std::span<const unsigned char> label;   // one for each image, less than `classes`
  int count() const { return static_cast<int>(label.size()); }
};

// Errors: a file that is not IDX, of another type or number of dimensions, shorter or longer than
// it says; images without pixels; another number of labels than of images; a label too large.
Result<LabelledImages> read_idx(std::span<const unsigned char> image_file,
                                std::span<const unsigned char> label_file, int classes);

// The images `which`, as columns of one channel: (pixel / 255 - mean) / deviation. x:
// height width x which.size(). Training on MNIST is usual with mean 0.1307 and deviation 0.3081,
// those of its pixels.
template <class Scalar>
void standardized_images(const LabelledImages& images, std::span<const int> which, double mean,
                         double deviation, MatrixOut<Scalar> x);

extern template void standardized_images<float>(const LabelledImages&, std::span<const int>, double,
                                                double, MatrixOut<float>);
extern template void standardized_images<double>(const LabelledImages&, std::span<const int>,
                                                 double, double, MatrixOut<double>);

}  // namespace neural_ode
