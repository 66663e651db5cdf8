#include "playground/experiments/digits/images.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace neural_ode::digits {
namespace {

// Bytes of the IDX file of unsigned bytes that begins `bytes`; none when there is no such file or
// it is not there whole.
std::optional<std::size_t> file_size(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0) return std::nullopt;
  const std::size_t dimensions = byte(3), header = 4 + 4 * dimensions;
  if (bytes.size() < header) return std::nullopt;
  std::uint64_t entries = 1;
  for (std::size_t i = 0; i < dimensions; ++i) {
    std::uint64_t size = 0;
    for (std::size_t j = 0; j < 4; ++j) size = size << 8 | byte(4 + 4 * i + j);
    entries *= size;
    if (entries > bytes.size()) return std::nullopt;
  }
  if (entries > bytes.size() - header) return std::nullopt;
  return header + static_cast<std::size_t>(entries);
}

std::span<const unsigned char> to_span(std::string_view bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

constexpr const char* file_names[] = {"training images", "training labels", "test images",
                                      "test labels"};

}  // namespace

Result<DigitImages> DigitImages::read(std::string bytes) {
  std::string_view file[4];
  std::string_view rest = bytes;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto size = file_size(rest);
    if (!size) {
      return Error{std::string("digits: expected four IDX files one after another; there is no "
                               "whole file of ") +
                   file_names[i] + " at byte " + std::to_string(bytes.size() - rest.size())};
    }
    file[i] = rest.substr(0, *size);
    rest.remove_prefix(*size);
  }
  if (!rest.empty()) {
    return Error{"digits: expected four IDX files, found " + std::to_string(rest.size()) +
                 " bytes more"};
  }
  for (std::size_t i = 0; i < 4; i += 2) {
    const auto images = read_idx(to_span(file[i]), to_span(file[i + 1]), digit_classes);
    const std::string what = i == 0 ? "digits, training " : "digits, test ";
    if (!images) return Error{what + images.error()};
    if (images.value().height != digit_side || images.value().width != digit_side) {
      return Error{what + "images: expected 28 x 28 pixels, found " +
                   std::to_string(images.value().height) + " x " +
                   std::to_string(images.value().width)};
    }
  }
  DigitImages digits;
  digits.train_labels_ = file[0].size();
  digits.test_images_ = digits.train_labels_ + file[1].size();
  digits.test_labels_ = digits.test_images_ + file[2].size();
  digits.bytes_ = std::move(bytes);
  return digits;
}

LabelledImages DigitImages::view(std::size_t images, std::size_t labels, std::size_t end) const {
  if (empty()) return {};
  const auto bytes = to_span(bytes_);
  // read has seen that this is well.
  return read_idx(bytes.subspan(images, labels - images), bytes.subspan(labels, end - labels),
                  digit_classes)
      .value();
}

}  // namespace neural_ode::digits
