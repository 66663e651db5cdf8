#include "engine/data/idx.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace neural_ode {
namespace {

template <std::size_t Dimensions>
struct IdxFile {
  std::array<std::uint32_t, Dimensions> size{};
  std::span<const unsigned char> entries;
};

// `what` names the file in messages.
template <std::size_t Dimensions>
Result<IdxFile<Dimensions>> read_file(std::span<const unsigned char> bytes,
                                      const std::string& what) {
  constexpr std::size_t header = 4 + 4 * Dimensions;
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0)
    return Error{what + ": expected an IDX file, which begins with two zero bytes"};
  if (bytes[2] != 8) {
    return Error{what + ": expected entries of type 8 (unsigned byte), found type " +
                 std::to_string(bytes[2])};
  }
  if (bytes[3] != Dimensions) {
    return Error{what + ": expected " + std::to_string(Dimensions) + " dimensions, found " +
                 std::to_string(bytes[3])};
  }
  if (bytes.size() < header) {
    return Error{what + ": expected a header of " + std::to_string(header) + " bytes, found " +
                 std::to_string(bytes.size())};
  }
  IdxFile<Dimensions> file;
  const std::size_t found = bytes.size() - header;
  bool fits = true;
  std::uint64_t entries = 1;  // stays below 2^64: a product that exceeds what is there ends it
  for (std::size_t i = 0; i < Dimensions; ++i) {
    for (std::size_t j = 0; j < 4; ++j)
      file.size[i] = file.size[i] << 8 | std::uint32_t{bytes[4 + 4 * i + j]};
    if (file.size[i] == 0) {
      return Error{what + ": expected entries, found 0 in dimension " + std::to_string(i)};
    }
    if (fits) entries *= file.size[i];
    fits = fits && entries <= found;
  }
  if (!fits || entries != found) {
    std::string product;
    for (const std::uint32_t size : file.size)
      product += (product.empty() ? "" : " x ") + std::to_string(size);
    return Error{what + ": expected " + product + " entries after the header, found " +
                 std::to_string(found)};
  }
  file.entries = bytes.subspan(header);
  return file;
}

}  // namespace

Result<LabelledImages> read_idx(std::span<const unsigned char> image_file,
                                std::span<const unsigned char> label_file, int classes) {
  const auto images = read_file<3>(image_file, "images");
  if (!images) return Error{images.error()};
  const auto labels = read_file<1>(label_file, "labels");
  if (!labels) return Error{labels.error()};
  const auto& size = images.value().size;
  if (labels.value().size[0] != size[0]) {
    return Error{"labels: expected one for each of " + std::to_string(size[0]) + " images, found " +
                 std::to_string(labels.value().size[0])};
  }
  const std::span<const unsigned char> label = labels.value().entries;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] >= classes) {
      return Error{"labels: expected less than " + std::to_string(classes) + ", found " +
                   std::to_string(label[i]) + " for image " + std::to_string(i)};
    }
  }
  return LabelledImages{static_cast<int>(size[1]), static_cast<int>(size[2]),
                        images.value().entries, label};
}

template <class Scalar>
void standardized_images(const LabelledImages& images, std::span<const int> which, double mean,
                         double deviation, MatrixOut<Scalar> x) {
  const Index pixels = Index{images.height} * images.width;
  eigen_assert(x.rows() == pixels && x.cols() == static_cast<Index>(which.size()));
  for (Index s = 0; s < x.cols(); ++s) {
    const Index first = which[static_cast<std::size_t>(s)] * pixels;
    for (Index i = 0; i < pixels; ++i) {
      const double value = images.pixels[static_cast<std::size_t>(first + i)] / 255.0;
      x(i, s) = static_cast<Scalar>((value - mean) / deviation);
    }
  }
}

template void standardized_images<float>(const LabelledImages&, std::span<const int>, double,
                                         double, MatrixOut<float>);
template void standardized_images<double>(const LabelledImages&, std::span<const int>, double,
                                          double, MatrixOut<double>);

}  // namespace neural_ode
