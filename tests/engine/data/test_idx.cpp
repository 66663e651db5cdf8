#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/data/idx.h"

using namespace neural_ode;

namespace {

using Bytes = std::vector<unsigned char>;

// Two images of 2 x 3 and their labels.
Bytes images() {
  return {0, 0, 8, 3,  0,   0,   0,   2,   0, 0, 0, 2, 0, 0,
          0, 3, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6};
}
Bytes labels() {
  return {0, 0, 8, 1, 0, 0, 0, 2, 7, 9};
}

std::string error_of(const Bytes& image_file, const Bytes& label_file, int classes = 10) {
  const auto result = read_idx(image_file, label_file, classes);
  REQUIRE_FALSE(result);
  return result.error();
}

}  // namespace

TEST_CASE("idx: images and labels are views of the files, pixels row by row") {
  const Bytes image_file = images(), label_file = labels();
  const auto result = read_idx(image_file, label_file, 10);
  REQUIRE(result);
  const LabelledImages& read = result.value();
  CHECK(read.count() == 2);
  CHECK(read.height == 2);
  CHECK(read.width == 3);
  CHECK(read.label[1] == 9);
  CHECK(read.pixels.data() == image_file.data() + 16);
  Matrix<float> x(6, 2);
  const std::vector<int> which = {1, 0};
  standardized_images<float>(read, which, 0.2, 0.5, x);
  CHECK(x(1, 1) == doctest::Approx(0).scale(1));  // 51 / 255 = 0.2
  CHECK(x(5, 1) == doctest::Approx(1.6));
  CHECK(x(2, 0) == doctest::Approx((3 / 255.0 - 0.2) / 0.5));
}

TEST_CASE("idx: sizes are big-endian") {
  Bytes image_file = {0, 0, 8, 3, 0, 0, 1, 4, 0, 0, 0, 1, 0, 0, 0, 1};
  Bytes label_file = {0, 0, 8, 1, 0, 0, 1, 4};
  image_file.resize(image_file.size() + 260);
  label_file.resize(label_file.size() + 260);
  const auto result = read_idx(image_file, label_file, 10);
  REQUIRE(result);
  CHECK(result.value().count() == 260);
}

TEST_CASE("idx: what is wrong with a file is said, and what was expected") {
  Bytes bad = images();
  bad[0] = 31;  // a compressed file begins 31 139
  CHECK(error_of(bad, labels()) ==
        "images: expected an IDX file, which begins with two zero bytes");
  CHECK(error_of({0, 0}, labels()) ==
        "images: expected an IDX file, which begins with two zero bytes");
  bad = images();
  bad[2] = 13;
  CHECK(error_of(bad, labels()) ==
        "images: expected entries of type 8 (unsigned byte), found type 13");
  CHECK(error_of(labels(), images()) == "images: expected 3 dimensions, found 1");
  CHECK(error_of(images(), images()) == "labels: expected 1 dimensions, found 3");
  bad = images();
  bad.resize(13);
  CHECK(error_of(bad, labels()) == "images: expected a header of 16 bytes, found 13");
  bad = images();
  bad.pop_back();
  CHECK(error_of(bad, labels()) == "images: expected 2 x 2 x 3 entries after the header, found 11");
  bad = labels();
  bad.push_back(1);
  CHECK(error_of(images(), bad) == "labels: expected 2 entries after the header, found 3");
  bad = images();
  bad[15] = 0;
  CHECK(error_of(bad, labels()) == "images: expected entries, found 0 in dimension 2");
  CHECK(error_of(images(), {0, 0, 8, 1, 0, 0, 0, 1, 7}) ==
        "labels: expected one for each of 2 images, found 1");
  CHECK(error_of(images(), labels(), 9) == "labels: expected less than 9, found 9 for image 1");
}

TEST_CASE("idx: sizes whose product overflows are no invitation to read beyond the end") {
  Bytes bad = images();
  for (std::size_t i = 4; i < 16; ++i) bad[i] = 255;
  CHECK(error_of(bad, labels()) ==
        "images: expected 4294967295 x 4294967295 x 4294967295 entries after the header, found 12");
  bad = images();
  // 2^31 x 2^31 x 4 = 2^64
  for (std::size_t i = 4; i < 16; ++i) bad[i] = 0;
  bad[4] = bad[8] = 128;
  bad[15] = 4;
  CHECK(error_of(bad, labels()).find("found 12") != std::string::npos);
}
