#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/kernels.h"
#include "engine/core/math.h"
#include "engine/core/result.h"
#include "engine/core/rng.h"
#include "tests/support/allocations.h"

using namespace neural_ode;

namespace {

// References are rounded once from 80 bits where there are such; elsewhere the C library's double
// must do, whose own error is allowed for.
constexpr bool has_extended = std::numeric_limits<long double>::digits == 64;
using Wide = std::conditional_t<has_extended, long double, double>;
constexpr double reference_ulps = has_extended ? 0 : 2.5;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

double ulps(double value, Wide expected) {
  int exponent = 0;
  std::frexp(double(expected), &exponent);
  return double(std::abs(Wide(value) - expected)) / std::ldexp(1.0, std::max(exponent - 53, -1074));
}

template <class Function, class Reference>
double largest_error(Function f, Reference reference, double low, double high) {
  Rng rng(17);
  double largest = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = rng.uniform(low, high);
    const double error = ulps(f(x), reference(Wide(x)));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

constexpr std::uint64_t kNothingHashed = 0xcbf29ce484222325U;

// FNV-1a over the bytes.
template <class Scalar>
std::uint64_t hash(const Scalar* values, Index n, std::uint64_t h = kNothingHashed) {
  for (Index i = 0; i < n; ++i) {
    unsigned char bytes[sizeof(Scalar)];
    std::memcpy(bytes, values + i, sizeof(Scalar));
    for (const unsigned char byte : bytes) h = (h ^ byte) * 0x100000001b3U;
  }
  return h;
}

template <class Scalar>
Matrix<Scalar> random_matrix(Index rows, Index cols, Rng& rng) {
  Matrix<Scalar> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = Scalar(rng.uniform(-1, 1));
  return m;
}

// Each entry one sum over k in its order, two roundings per term.
template <class Scalar>
Matrix<Scalar> plain_product(bool ta, const Matrix<Scalar>& a, bool tb, const Matrix<Scalar>& b,
                             bool accumulate, const Matrix<Scalar>& c) {
  Matrix<Scalar> out = c;
  const Index terms = ta ? a.rows() : a.cols();
  for (Index j = 0; j < c.cols(); ++j) {
    for (Index i = 0; i < c.rows(); ++i) {
      Scalar sum = 0;
      for (Index k = 0; k < terms; ++k) {
        const Scalar term = (ta ? a(k, i) : a(i, k)) * (tb ? b(j, k) : b(k, j));
        sum += term;
      }
      out(i, j) = accumulate ? c(i, j) + sum : sum;
    }
  }
  return out;
}

Transpose flag(bool yes) {
  return yes ? Transpose::yes : Transpose::no;
}

struct WithKernels {
  explicit WithKernels(std::string_view name) { REQUIRE(select_kernels(name)); }
  ~WithKernels() { select_kernels(before); }
  WithKernels(const WithKernels&) = delete;
  WithKernels& operator=(const WithKernels&) = delete;
  std::string_view before = kernel_name();
};

// Those that the processor can run.
std::vector<std::string_view> kernels_with_fma() {
  std::vector<std::string_view> names = available_kernels();
  names.erase(names.begin());  // portable
  if (names.empty()) MESSAGE("skipped: no AVX2 here");
  return names;
}

constexpr std::array all_activations = {
    Activation::identity, Activation::tanh,    Activation::softplus, Activation::elu,
    Activation::silu,     Activation::sigmoid, Activation::relu};

struct Jet {
  Wide h, d1, d2;
};

// From the definitions, on the C library.
Jet reference_jet(Activation activation, Wide z) {
  const Wide s = 1 / (1 + std::exp(-z)), r = 1 / (1 + std::exp(z));
  switch (activation) {
    case Activation::identity:
      return {z, 1, 0};
    case Activation::tanh: {
      const Wide cosh = std::cosh(z);
      return {std::tanh(z), 1 / (cosh * cosh), -2 * std::tanh(z) / (cosh * cosh)};
    }
    case Activation::softplus:
      return {std::fmax(z, Wide(0)) + std::log1p(std::exp(-std::abs(z))), s, s * r};
    case Activation::elu:
      return z > 0 ? Jet{z, 1, 0} : Jet{std::expm1(z), std::exp(z), std::exp(z)};
    case Activation::silu:
      return {z * s, s + z * s * r, s * r * (2 + z * (r - s))};
    case Activation::sigmoid:
      return {s, s * r, s * r * (r - s)};
    case Activation::relu:
      return {z > 0 ? z : 0, Wide(z > 0 ? 1 : 0), 0};
  }
  return {};
}

// Numbers from everywhere in the range of Scalar, subnormals and both ends included: evenly among
// the bit patterns, and evenly on [-20, 20], where the curves bend.
template <class Scalar>
Vector<Scalar> dense_numbers() {
  std::vector<Scalar> numbers;
  const auto add = [&](Scalar x) {
    numbers.push_back(x);
    numbers.push_back(-x);
  };
  constexpr int steps = 20000;
  constexpr bool is_float = sizeof(Scalar) == 4;
  constexpr std::uint64_t bits_of_infinity = is_float ? 0x7f800000U : 0x7ff0000000000000U;
  for (std::uint64_t i = 0; i < steps; ++i) {
    const std::uint64_t bits = bits_of_infinity / steps * i;
    Scalar x = 0;
    if constexpr (is_float) {
      const auto narrow = static_cast<std::uint32_t>(bits);
      std::memcpy(&x, &narrow, sizeof x);
    } else {
      std::memcpy(&x, &bits, sizeof x);
    }
    add(x);
    add(Scalar(20) * Scalar(i) / Scalar(steps));
  }
  for (const int exponent : {-149, -126, 127}) add(Scalar(std::ldexp(1.0, exponent)));
  add(std::numeric_limits<Scalar>::max());
  return Eigen::Map<const Vector<Scalar>>(numbers.data(), Index(numbers.size()));
}

// Largest errors over all of these: of h relative to h, except below `tiny`; of d1 and d2, which
// are differences near their zeros, relative to max(1, |exact|).
template <class Scalar>
Jet activation_error(Activation activation) {
  const Vector<Scalar> z = dense_numbers<Scalar>();
  const Index n = z.size();
  Vector<Scalar> h(n), d1(n), d2(n);
  activate<Scalar>(activation, n, 1, n, z.data(), nullptr, h.data(), d1.data(), d2.data());
  constexpr Wide tiny = sizeof(Scalar) == 4 ? Wide(1e-28) : Wide(1e-288);
  Jet worst{0, 0, 0};
  const auto update = [](Wide& error, Scalar value, Wide expected, Wide least) {
    const Wide distance = std::abs(Wide(value) - expected) / std::fmax(least, std::abs(expected));
    if (!(distance <= error)) error = distance;
  };
  for (Index i = 0; i < n; ++i) {
    const Jet expected = reference_jet(activation, Wide(z[i]));
    update(worst.h, h[i], expected.h, tiny);
    update(worst.d1, d1[i], expected.d1, 1);
    update(worst.d2, d2[i], expected.d2, 1);
  }
  return worst;
}

template <class Scalar>
void check_limits(Activation activation) {
  const Scalar z[] = {Scalar(not_a_number), Scalar(infinity), Scalar(-infinity)};
  Scalar h[3], d1[3], d2[3];
  activate<Scalar>(activation, 3, 1, 3, z, nullptr, h, d1, d2);
  CHECK(std::isnan(h[0]));
  CHECK(std::isnan(d1[0]));
  CHECK(std::isnan(d2[0]));
  const auto is = [](Scalar value, double expected) {
    return double(value) == expected || std::abs(double(value) - expected) < 1e-30;
  };
  const bool saturates = activation == Activation::tanh || activation == Activation::sigmoid;
  CHECK(is(h[1], saturates ? 1 : infinity));
  CHECK(is(d1[1], saturates ? 0 : 1));
  CHECK(is(d2[1], 0));
  const bool falls = activation == Activation::tanh || activation == Activation::elu;
  CHECK(is(h[2], activation == Activation::identity ? -infinity : (falls ? -1 : 0)));
  CHECK(is(d1[2], activation == Activation::identity ? 1 : 0));
  CHECK(is(d2[2], 0));
}

}  // namespace

TEST_CASE("rng: the first words are those that the reference implementation of PCG32 prints") {
  Rng rng(42, 54);
  for (const std::uint32_t word :
       {0xa15c02b7U, 0x7b47f409U, 0xba1d3330U, 0x83d2f293U, 0xbfa4784bU, 0xcbed606eU}) {
    CHECK(rng.next() == word);
  }
}

TEST_CASE("rng: uniform numbers have 53 bits, lie in [0, 1) and have the right moments") {
  Rng rng(1);
  double sum = 0, squares = 0;
  constexpr int n = 100000;
  bool fine = false;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    REQUIRE((u >= 0 && u < 1));
    fine = fine || std::fmod(u * 0x1p53, 2) == 1;
    sum += u;
    squares += u * u;
  }
  CHECK(fine);
  CHECK(sum / n == doctest::Approx(0.5).epsilon(0.01));
  CHECK(squares / n == doctest::Approx(1.0 / 3).epsilon(0.01));
}

TEST_CASE("rng: normal numbers have the moments and the tails of N(0, 1)") {
  Rng rng(2);
  constexpr int n = 100000;
  double sum = 0, squares = 0, fourth = 0;
  int beyond_two = 0;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    beyond_two += std::abs(x) > 2;
  }
  CHECK(std::abs(sum / n) < 0.015);
  CHECK(squares / n == doctest::Approx(1).epsilon(0.02));
  CHECK(fourth / n == doctest::Approx(3).epsilon(0.05));
  CHECK(beyond_two / double(n) == doctest::Approx(0.0455).epsilon(0.06).scale(0));
}

TEST_CASE("rng: below is unbiased, also where 2^32 is not a multiple") {
  Rng rng(3);
  int counts[3] = {};
  for (int i = 0; i < 60000; ++i) ++counts[rng.below(3)];
  for (const int count : counts) CHECK(count == doctest::Approx(20000).epsilon(0.03));
  // With n = 3 * 2^30 a plain remainder would hit the lower third half of the time.
  int low = 0;
  for (int i = 0; i < 30000; ++i) low += rng.below(0xC0000000U) < 0x40000000U;
  CHECK(low == doctest::Approx(10000).epsilon(0.05));
  CHECK(rng.below(1) == 0);
}

TEST_CASE("rng: shuffle permutes, and every place is equally likely") {
  Rng rng(4);
  int first[5] = {};
  for (int i = 0; i < 20000; ++i) {
    std::vector<int> order = {0, 1, 2, 3, 4};
    rng.shuffle(order);
    REQUIRE(std::accumulate(order.begin(), order.end(), 0) == 10);
    ++first[order[0]];
  }
  for (const int count : first) CHECK(count == doctest::Approx(4000).epsilon(0.06));
}

TEST_CASE("rng: a restored state goes on with the same numbers, the spare normal included") {
  Rng rng(5, 6);
  rng.normal();
  Rng copy;
  copy.restore(rng.state());
  for (int i = 0; i < 5; ++i) CHECK(copy.normal() == rng.normal());
  CHECK(copy.next() == rng.next());
}

TEST_CASE("math: every function is within 2 ulp, sigmoid within 2.5") {
  const double limit = 2 + reference_ulps;
  CHECK(largest_error(
            math::exp, [](Wide x) { return std::exp(x); }, -700, 700) < limit);
  CHECK(largest_error(
            math::exp, [](Wide x) { return std::exp(x); }, -1, 1) < limit);
  CHECK(largest_error(
            math::expm1, [](Wide x) { return std::expm1(x); }, -2, 2) < limit);
  CHECK(largest_error(
            math::expm1, [](Wide x) { return std::expm1(x); }, -50, 700) < limit);
  CHECK(largest_error(
            math::log, [](Wide x) { return std::log(x); }, 0, 4) < limit);
  CHECK(largest_error(
            math::log, [](Wide x) { return std::log(x); }, 0, 1e300) < limit);
  CHECK(largest_error(
            math::log1p, [](Wide x) { return std::log1p(x); }, -1, 1) < limit);
  CHECK(largest_error(
            math::log1p, [](Wide x) { return std::log1p(x); }, -1e-3, 1e-3) < limit);
  CHECK(largest_error(
            math::sin, [](Wide x) { return std::sin(x); }, -7, 7) < limit);
  CHECK(largest_error(
            math::sin, [](Wide x) { return std::sin(x); }, -1e6, 1e6) < limit);
  CHECK(largest_error(
            math::cos, [](Wide x) { return std::cos(x); }, -7, 7) < limit);
  CHECK(largest_error(
            math::cos, [](Wide x) { return std::cos(x); }, -1e6, 1e6) < limit);
  CHECK(largest_error(
            math::tanh, [](Wide x) { return std::tanh(x); }, -1, 1) < limit);
  CHECK(largest_error(
            math::tanh, [](Wide x) { return std::tanh(x); }, -25, 25) < limit);
  const auto sigmoid = [](Wide x) { return 1 / (1 + std::exp(-x)); };
  CHECK(largest_error(math::sigmoid, sigmoid, -3, 3) < limit + 0.5);
  CHECK(largest_error(math::sigmoid, sigmoid, -40, 40) < limit + 0.5);
}

TEST_CASE("math: quick_log2 and quick_exp2 are within 2e-7 over their whole range") {
  Rng rng(5);
  double log_error = 0, exp_error = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = rng.uniform(-1000, 1000), power = std::exp2(x);
    exp_error = std::max(exp_error, std::abs(math::quick_exp2(x) / power - 1));
    log_error = std::max(log_error, std::abs(math::quick_log2(power) - x));
  }
  CHECK(exp_error < 2e-7);
  CHECK(log_error < 2e-7);
  // Both ends of the interval that a mantissa is brought to, and its middle.
  for (const double x : {0.70710678118654746, 0.70710678118654757, 1.0, 1.414213562373095}) {
    CHECK(std::abs(math::quick_log2(x) - std::log2(x)) < 2e-7);
  }
}

TEST_CASE("math: pow carries the error of y log x through exp") {
  for (const double y : {-0.2, 0.14, 2.0, 7.5}) {
    CAPTURE(y);
    const double error = largest_error([y](double x) { return math::pow(x, y); },
                                       [y](Wide x) { return std::pow(x, Wide(y)); }, 1e-3, 100);
    CHECK(error < 3 + 2 * std::abs(y) * std::log(1000.0) + reference_ulps);
  }
  CHECK(math::pow(0, 2) == 0);
  CHECK(math::pow(0, -1) == infinity);
  CHECK(math::pow(3, 0) == 1);
  CHECK(std::isnan(math::pow(-1, 0.5)));
}

TEST_CASE("math: the ends of each range, infinities and NaN") {
  CHECK(math::exp(0) == 1);
  CHECK(math::exp(1000) == infinity);
  CHECK(math::exp(-1000) == 0);
  CHECK(math::exp(709.7) == doctest::Approx(std::exp(709.7)).epsilon(1e-15));
  CHECK(math::exp(-740) == std::exp(-740.0));  // subnormal
  CHECK(math::expm1(-infinity) == -1);
  CHECK(math::log(1) == 0);
  CHECK(math::log(0) == -infinity);
  CHECK(std::isnan(math::log(-1)));
  CHECK(math::log(5e-324) == doctest::Approx(std::log(5e-324)).epsilon(1e-15));
  CHECK(math::log1p(-1) == -infinity);
  CHECK(math::tanh(infinity) == 1);
  CHECK(math::sigmoid(-infinity) == 0);
  CHECK(math::sigmoid(-700) == doctest::Approx(std::exp(-700.0)).epsilon(1e-14));
  CHECK(std::isnan(math::sin(infinity)));
  CHECK(std::isnan(math::sin(-1.1e6)));
  CHECK(std::isnan(math::cos(1e300)));
  CHECK(std::signbit(math::sin(-0.0)));
  for (auto* function : {math::exp, math::expm1, math::log, math::log1p, math::sin, math::cos,
                         math::tanh, math::sigmoid}) {
    CHECK(std::isnan(function(not_a_number)));
  }
}

TEST_CASE_TEMPLATE(
    "gemm: portable kernels give the bits of the plain loops, any shape and transpose", Scalar,
    float, double) {
  const WithKernels portable("portable");
  Rng rng(6);
  for (int trial = 0; trial < 300; ++trial) {
    const bool large = trial % 30 == 0;
    const auto size = [&] { return Index(large ? 70 + rng.below(70) : 1 + rng.below(35)); };
    const Index m = size(), n = size(), k = trial % 50 == 1 ? 0 : size();
    const bool ta = rng.below(2) == 1, tb = rng.below(2) == 1, accumulate = rng.below(2) == 1;
    const auto a = random_matrix<Scalar>(ta ? k : m, ta ? m : k, rng);
    const auto b = random_matrix<Scalar>(tb ? n : k, tb ? k : n, rng);
    Matrix<Scalar> c = random_matrix<Scalar>(m, n, rng);
    const Matrix<Scalar> expected = plain_product(ta, a, tb, b, accumulate, c);
    gemm<Scalar>(flag(ta), a, flag(tb), b, accumulate, c);
    CAPTURE(m);
    CAPTURE(n);
    CAPTURE(k);
    REQUIRE(c == expected);
  }
}

TEST_CASE_TEMPLATE("gemm: all kernels agree with the plain loops to rounding", Scalar, float,
                   double) {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    Rng rng(7);
    for (int trial = 0; trial < 600; ++trial) {
      const bool large = trial % 30 == 0;
      const auto size = [&] { return Index(large ? 70 + rng.below(70) : 1 + rng.below(40)); };
      const Index m = size(), n = trial % 4 == 1 ? 1 : size(), k = trial % 7 == 1 ? 1 : size();
      const bool ta = rng.below(2) == 1, tb = rng.below(2) == 1, accumulate = rng.below(2) == 1;
      const auto a = random_matrix<Scalar>(ta ? k : m, ta ? m : k, rng);
      const auto b = random_matrix<Scalar>(tb ? n : k, tb ? k : n, rng);
      Matrix<Scalar> c = random_matrix<Scalar>(m, n, rng);
      const Matrix<Scalar> expected = plain_product(ta, a, tb, b, accumulate, c);
      gemm<Scalar>(flag(ta), a, flag(tb), b, accumulate, c);
      CAPTURE(m);
      CAPTURE(n);
      CAPTURE(k);
      const double allowed = double(k + 1) * double(std::numeric_limits<Scalar>::epsilon());
      REQUIRE(double((c - expected).cwiseAbs().maxCoeff()) <= allowed);
    }
  }
}

// An entry is the same sum whether its row stands in a full vector, in the last few rows or alone,
// and whether A is read in place or copied.
TEST_CASE_TEMPLATE("gemm: an entry's bits depend neither on the other rows nor on the layout",
                   Scalar, float, double) {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    Rng rng(12);
    for (const Index columns : {1, 3, 29}) {
      const auto a = random_matrix<Scalar>(50, 41, rng);
      const auto b = random_matrix<Scalar>(41, columns, rng);
      const Matrix<Scalar> a_turned = a.transpose(), b_turned = b.transpose();
      Matrix<Scalar> whole(50, columns), part(50, columns);
      gemm<Scalar>(Transpose::no, a, Transpose::no, b, false, whole);
      for (Index rows = 1; rows <= 50; ++rows) {
        CAPTURE(rows);
        const auto c = part.topRows(rows);
        gemm<Scalar>(Transpose::no, a.topRows(rows), Transpose::no, b, false, c);
        CHECK(c == whole.topRows(rows));
        const Matrix<Scalar> alone = a.topRows(rows);  // nothing behind the last row
        gemm<Scalar>(Transpose::no, alone, Transpose::yes, b_turned, false, c);
        CHECK(c == whole.topRows(rows));
        gemm<Scalar>(Transpose::yes, a_turned.leftCols(rows), Transpose::no, b, false, c);
        CHECK(c == whole.topRows(rows));
      }
    }
  }
}

TEST_CASE("kernels: are selected by name, and fast means the last of those there are") {
  const WithKernels before(kernel_name());
  CHECK(available_kernels().front() == "portable");
  select_kernels(KernelChoice::fast);
  CHECK(kernel_name() == available_kernels().back());
  CHECK_FALSE(select_kernels("mmx"));
  CHECK(kernel_name() == available_kernels().back());
  select_kernels(KernelChoice::portable);
  CHECK(kernel_name() == "portable");
}

TEST_CASE("gemm: a column has the same bits alone, in a batch, and inside a larger matrix") {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    Rng rng(8);
    const auto a = random_matrix<float>(37, 50, rng);
    const auto b = random_matrix<float>(50, 90, rng);
    Matrix<float> batch(37, 90), framed = Matrix<float>::Constant(41, 92, 7), alone(37, 1);
    gemm<float>(Transpose::no, a, Transpose::no, b, false, batch);
    gemm<float>(Transpose::no, a, Transpose::no, b, false, framed.block(2, 1, 37, 90));
    CHECK(framed.block(2, 1, 37, 90) == batch);
    framed.block(2, 1, 37, 90).setConstant(7);
    CHECK(framed == Matrix<float>::Constant(41, 92, 7));
    for (Index j = 0; j < 90; ++j) {
      gemm<float>(Transpose::no, a, Transpose::no, b.col(j), false, alone);
      CHECK(alone == batch.col(j));
    }
  }
}

TEST_CASE("gemm: allocates nothing once it has seen a product of this size") {
  Rng rng(9);
  const auto a = random_matrix<float>(64, 64, rng), b = random_matrix<float>(64, 64, rng);
  Matrix<float> c(64, 64);
  gemm<float>(Transpose::yes, a, Transpose::no, b, false, c);
  const long before = testing::allocation_count();
  gemm<float>(Transpose::no, a, Transpose::yes, b, true, c);
  gemm<float>(Transpose::yes, a, Transpose::no, b.leftCols(3), false, c.leftCols(3));
  CHECK(testing::allocation_count() == before);
}

TEST_CASE("activations: float is as good as its header says, over the whole range") {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    for (const Activation activation : all_activations) {
      CAPTURE(int(activation));
      const Jet error = activation_error<float>(activation);
      CHECK(error.h < 3e-7);
      CHECK(error.d1 < 6e-7);
      CHECK(error.d2 < 1.2e-6);
    }
  }
}

TEST_CASE("activations: double is good to the last digits, over the whole range") {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    for (const Activation activation : all_activations) {
      CAPTURE(int(activation));
      const Jet error = activation_error<double>(activation);
      const double of_reference = reference_ulps * std::numeric_limits<double>::epsilon() / 2;
      CHECK(error.h < 5e-16 + of_reference);
      CHECK(error.d1 < 5e-16 + of_reference);
      CHECK(error.d2 < 7e-16 + of_reference);
    }
  }
}

TEST_CASE_TEMPLATE("activations: a bias is added to each column before, wherever the columns are",
                   Scalar, float, double) {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    Rng rng(21);
    for (const Index rows : {1, 3, 8, 29}) {
      const auto z = random_matrix<Scalar>(rows, 5, rng),
                 bias = random_matrix<Scalar>(rows, 1, rng);
      const Matrix<Scalar> sum = z + bias.replicate(1, 5);
      Matrix<Scalar> h(rows, 5), d1(rows, 5), d2(rows, 5), h0(rows, 5), d10(rows, 5), d20(rows, 5);
      for (const Activation activation : all_activations) {
        CAPTURE(int(activation));
        activate<Scalar>(activation, rows, 5, rows, z.data(), bias.data(), h.data(), d1.data(),
                         d2.data());
        activate<Scalar>(activation, rows, 5, rows, sum.data(), nullptr, h0.data(), d10.data(),
                         d20.data());
        CHECK(h == h0);
        CHECK(d1 == d10);
        CHECK(d2 == d20);
        // The same in place, in columns of a taller matrix, whose other rows stay.
        Matrix<Scalar> tall = Matrix<Scalar>::Constant(rows + 3, 5, 7);
        tall.topRows(rows) = z;
        activate<Scalar>(activation, rows, 5, rows + 3, tall.data(), bias.data(), tall.data(),
                         nullptr, nullptr);
        CHECK(tall.topRows(rows) == h0);
        CHECK((tall.bottomRows(3).array() == 7).all());
      }
    }
  }
}

TEST_CASE_TEMPLATE("activations: NaN comes out where it goes in, infinities reach the limits",
                   Scalar, float, double) {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    for (const Activation activation : all_activations) {
      CAPTURE(int(activation));
      check_limits<Scalar>(activation);
    }
  }
}

TEST_CASE(
    "activations: an entry's bits depend neither on its place nor on what else is asked for") {
  for (const std::string_view kernels : available_kernels()) {
    CAPTURE(kernels);
    const WithKernels selected(kernels);
    Rng rng(10);
    Vector<float> z(29), h(29), d1(29), d2(29);
    for (float& each : z) each = float(rng.uniform(-5, 5));
    for (const Activation activation : all_activations) {
      CAPTURE(int(activation));
      activate<float>(activation, 29, 1, 29, z.data(), nullptr, h.data(), d1.data(), d2.data());
      for (Index i = 0; i < 29; ++i) {
        float value = 0, first = 0, second = 0;
        activate<float>(activation, 1, 1, 1, z.data() + i, nullptr, &value, nullptr, nullptr);
        CHECK(value == h[i]);
        activate<float>(activation, 1, 1, 1, z.data() + i, nullptr, &value, &first, nullptr);
        CHECK(first == d1[i]);
        activate<float>(activation, 1, 1, 1, z.data() + i, nullptr, &value, &first, &second);
        CHECK(first == d1[i]);
        CHECK(second == d2[i]);
      }
    }
  }
}

// The next two, so that a run with the fast kernels depends neither on how new the processor is nor
// on who compiled them: the numbers hold for GCC and Clang, for AVX2 and AVX-512.
TEST_CASE_TEMPLATE("kernels: products with FMA have the same bits from every compiler", Scalar,
                   float, double) {
  for (const std::string_view name : kernels_with_fma()) {
    CAPTURE(name);
    const WithKernels selected(name);
    Rng rng(13);
    std::uint64_t h = kNothingHashed;
    for (const auto& [ta, tb] :
         {std::pair(false, false), {false, true}, {true, false}, {true, true}}) {
      for (const Index rows : {1, 2, 3, 4, 7, 16, 29, 45}) {
        for (const Index columns : {1, 5, 19, 50}) {
          for (const Index terms : {1, 2, 37}) {
            const auto a = random_matrix<Scalar>(ta ? terms : rows, ta ? rows : terms, rng);
            const auto b = random_matrix<Scalar>(tb ? columns : terms, tb ? terms : columns, rng);
            auto c = random_matrix<Scalar>(rows, columns, rng);
            for (const bool accumulate : {true, false}) {
              gemm<Scalar>(flag(ta), a, flag(tb), b, accumulate, c);
              h = hash(c.data(), c.size(), h);
            }
          }
        }
      }
    }
    CHECK(h == (sizeof(Scalar) == 4 ? 0x252d7f99901a9190U : 0xae189d3906f06a46U));
  }
}

TEST_CASE_TEMPLATE("kernels: activations with FMA have the same bits from every compiler", Scalar,
                   float, double) {
  // float, double
  constexpr std::uint64_t expected[][2] = {
      {0xdb99acb037fb8372U, 0x2750056bf92265b2U},  // identity
      {0x71c00d861a769a18U, 0x82c0e579af87c0c0U},  // tanh
      {0x57cc63232703f5ccU, 0xd803c3029c2a1365U},  // softplus
      {0x611fda0cab1b9426U, 0x2b0cf0fd5c3a1d32U},  // elu
      {0x8b31629755e3c030U, 0x0b08453af9fcb87eU},  // silu
      {0x9b7d300b31f823e4U, 0xb03b6b451978a5d1U},  // sigmoid
      {0x32b897812ec4b0b2U, 0x774aea06d730f3a0U},  // relu
  };
  for (const std::string_view name : kernels_with_fma()) {
    CAPTURE(name);
    const WithKernels selected(name);
    Rng rng(13);
    Vector<Scalar> z(1003), bias(1003), h(1003), d1(1003), d2(1003);
    for (Scalar& each : z) each = Scalar(4 * rng.normal());
    for (Scalar& each : bias) each = Scalar(rng.uniform(-1, 1));
    Index place = 0;
    for (const double extreme : {0.0, 1e-40, 90.0, 800.0, infinity}) {
      z[place++] = Scalar(extreme);
      z[place++] = Scalar(-extreme);
    }
    for (const Activation activation : all_activations) {
      CAPTURE(int(activation));
      std::uint64_t hashed = kNothingHashed;
      for (const bool shifted : {false, true}) {
        activate<Scalar>(activation, 1003, 1, 1003, z.data(), shifted ? bias.data() : nullptr,
                         h.data(), d1.data(), d2.data());
        for (const Vector<Scalar>* each : {&h, &d1, &d2}) {
          CHECK_FALSE(each->hasNaN());  // of which there are many
          hashed = hash(each->data(), each->size(), hashed);
        }
      }
      CHECK(hashed == expected[int(activation)][sizeof(Scalar) == 4 ? 0 : 1]);
    }
  }
}

// These run natively with gcc and clang and in WebAssembly: a difference in any bit is one of the
// machines'.
TEST_CASE("determinism: draws, products and activations have the same bits on every machine") {
  const WithKernels portable("portable");
  Rng rng(11);
  Vector<double> draws(1000);
  for (double& each : draws) each = rng.normal();
  CHECK(hash(draws.data(), draws.size()) == 0x69877c5919977d6aU);

  std::uint64_t h = kNothingHashed;
  for (auto* function : {math::exp, math::expm1, math::sin, math::cos, math::tanh, math::sigmoid}) {
    for (const double x : draws) {
      const double value = function(3 * x);
      h = hash(&value, 1, h);
    }
  }
  for (const double x : draws) {
    const double values[] = {math::log(x * x), math::log1p(x * x), math::pow(x * x, 0.7)};
    h = hash(values, 3, h);
  }
  CHECK(h == 0x3b35ff368fac6b66U);

  const Vector<float> z = 4 * draws.cast<float>();
  Vector<float> value(1000), d1(1000), d2(1000);
  h = kNothingHashed;
  for (const Activation activation : all_activations) {
    activate<float>(activation, 1000, 1, 1000, z.data(), nullptr, value.data(), d1.data(),
                    d2.data());
    h = hash(d2.data(), 1000, hash(d1.data(), 1000, hash(value.data(), 1000, h)));
  }
  CHECK(h == 0x7c8a4809a7992509U);

  const Matrix<float> a = Eigen::Map<const Matrix<float>>(z.data(), 25, 40);
  Matrix<float> c(25, 25);
  gemm<float>(Transpose::no, a, Transpose::yes, a, false, c);
  CHECK(hash(c.data(), c.size()) == 0x654fd6509a1435a0U);
}

TEST_CASE("result: holds a value or the message") {
  const Result<int> value = 3;
  REQUIRE(value);
  CHECK(value.value() == 3);
  const Result<int> error = Error{"line 3: no"};
  REQUIRE_FALSE(error);
  CHECK(error.error() == "line 3: no");
  CHECK(Status());
  const Status failed = Error{"no"};
  CHECK_FALSE(failed);
  CHECK(failed.error() == "no");
}
