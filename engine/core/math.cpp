// Argument reduction by a constant split in parts whose products with small integers are exact
// [cody1980], then Taylor polynomials long enough for double. Only + - * / and bit patterns: the
// same bits wherever arithmetic is IEEE 754.
#include "engine/core/math.h"

#include <cstdint>
#include <limits>

namespace neural_ode::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLn2High = 0x1.62e42feep-1;  // 32 bits
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
constexpr double kHalfPi1 = 0x1.921fb544p+0;  // 33 bits each, then the rest
constexpr double kHalfPi2 = 0x1.0b4611a6p-34;
constexpr double kHalfPi3 = 0x1.3198a2e037073p-69;

// Adding it rounds to the nearest integer, as the sum has no bits left for a fraction.
constexpr double kRoundingShift = 0x1.8p52;

double round_to_integer(double x) {
  return (x + kRoundingShift) - kRoundingShift;
}

// std::bit_cast is missing from the oldest supported libc++.
double from_bits(std::uint64_t bits) {
  return __builtin_bit_cast(double, bits);
}
std::uint64_t to_bits(double x) {
  return __builtin_bit_cast(std::uint64_t, x);
}

double power_of_two(int k) {  // -1022 <= k <= 1023
  return from_bits(static_cast<std::uint64_t>(k + 1023) << 52U);
}

// x 2^k with one rounding, for |x| of order 1.
double scale(double x, int k) {
  if (k >= -1021 && k <= 1022) return x * power_of_two(k);
  const int half = k / 2;
  return x * power_of_two(half) * power_of_two(k - half);
}

// exp(r) - 1 = high + low for x = k ln 2 + r, |r| <= ln(2)/2.
struct ReducedExp {
  double high, low;
  int k;
};

ReducedExp reduce_exp(double x) {
  const double k = round_to_integer(x * kLog2E);
  const double high = x - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  double p = 1.0 / 6227020800.0;  // 1/13!
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  return {high, r * r * p - low, static_cast<int>(k)};
}

// k ln 2 + log(1 + f + correction) for sqrt(1/2) - 1 <= f <= sqrt(2) - 1 and a tiny correction:
// with s = f/(2+f), log(1+f) = 2 artanh s = f - s (f - series), series = 2 (s^2/3 + s^4/5 + ...).
double log_reduced(int k, double f, double correction) {
  const double s = f / (2 + f);
  const double z = s * s;
  double p = 2.0 / 23.0;
  p = p * z + 2.0 / 21.0;
  p = p * z + 2.0 / 19.0;
  p = p * z + 2.0 / 17.0;
  p = p * z + 2.0 / 15.0;
  p = p * z + 2.0 / 13.0;
  p = p * z + 2.0 / 11.0;
  p = p * z + 2.0 / 9.0;
  p = p * z + 2.0 / 7.0;
  p = p * z + 2.0 / 5.0;
  p = p * z + 2.0 / 3.0;
  // f - s f = 2 s = f - f^2/2 + s f^2/2: the leading f and f^2/2 carry no error of the division.
  const double half_square = 0.5 * f * f;
  const double tail = s * (half_square + z * p) + (k * kLn2Low + correction);
  return k * kLn2High - ((half_square - tail) - f);
}

// x = 2^k m with sqrt(1/2) <= m < sqrt(2), for positive finite x.
struct SplitFloat {
  double mantissa;
  int k;
};

SplitFloat split(double x) {
  int k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  const auto bits = to_bits(x);
  k += static_cast<int>(bits >> 52U) - 1023;
  double m = from_bits((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 0x1.6a09e667f3bcdp+0) {
    m *= 0.5;
    ++k;
  }
  return {m, k};
}

// x - n pi/2 as value + tail, |value| <= pi/4.
struct ReducedAngle {
  double value, tail;
  int quadrant;
};

// Beyond it n has too many bits for the exact products below.
constexpr double kLargestAngle = 1e6;

ReducedAngle reduce_angle(double x) {
  const double n = round_to_integer(x * kTwoOverPi);
  const double a = x - n * kHalfPi1;  // exact: 33 + 17 bits
  const double b = n * kHalfPi2;      // exact
  const double high = a - b;
  const double back = high - a;
  const double lost = (a - (high - back)) - (b + back);  // two-sum
  const double low = lost - n * kHalfPi3;
  const double value = high + low;
  return {value, (high - value) + low, static_cast<int>(static_cast<std::int64_t>(n) & 3)};
}

double sin_reduced(double r, double tail) {
  const double z = r * r;
  double p = 1.0 / 355687428096000.0;  // 1/17!
  p = p * z - 1.0 / 1307674368000.0;
  p = p * z + 1.0 / 6227020800.0;
  p = p * z - 1.0 / 39916800.0;
  p = p * z + 1.0 / 362880.0;
  p = p * z - 1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  p = p * z - 1.0 / 6.0;
  return r + (r * z * p + (tail - 0.5 * z * tail));
}

double cos_reduced(double r, double tail) {
  const double z = r * r;
  double p = 1.0 / 20922789888000.0;  // 1/16!
  p = p * z - 1.0 / 87178291200.0;
  p = p * z + 1.0 / 479001600.0;
  p = p * z - 1.0 / 3628800.0;
  p = p * z + 1.0 / 40320.0;
  p = p * z - 1.0 / 720.0;
  p = p * z + 1.0 / 24.0;
  const double half = 0.5 * z;
  const double w = 1 - half;
  return w + (((1 - w) - half) + (z * z * p - r * tail));
}

}  // namespace

double exp(double x) {
  if (!(x < 709.782712893384)) return x != x ? x : kInfinity;
  if (x < -745.1332191019412) return 0;
  const ReducedExp e = reduce_exp(x);
  return scale(1 + (e.high + e.low), e.k);
}

double expm1(double x) {
  if (!(x < 709.782712893384)) return x != x ? x : kInfinity;
  if (x < -40) return -1;
  if (x == 0) return x;
  const ReducedExp e = reduce_exp(x);
  const double m = e.high + e.low;
  if (e.k == 0) return m;
  if (e.k > 60) return scale(1 + m, e.k);
  return scale(m + (1 - power_of_two(-e.k)), e.k);
}

double log(double x) {
  if (!(x > 0)) return x == 0 ? -kInfinity : kNaN;
  if (x == kInfinity) return x;
  const SplitFloat s = split(x);
  return log_reduced(s.k, s.mantissa - 1, 0);
}

double log1p(double x) {
  if (!(x > -1)) return x == -1 ? -kInfinity : kNaN;
  if (x == kInfinity || x == 0) return x;
  if (x > -0.29 && x < 0.41) return log_reduced(0, x, 0);
  const double u = 1 + x;
  const double lost = x > 1 ? 1 - (u - x) : x - (u - 1);
  const SplitFloat s = split(u);
  return log_reduced(s.k, s.mantissa - 1, lost / u);
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x == 0) return y > 0 ? 0 : (y < 0 ? kInfinity : kNaN);
  return exp(y * log(x));
}

double sin(double x) {
  if (x == 0) return x;
  if (!(x >= -kLargestAngle && x <= kLargestAngle)) return kNaN;
  const ReducedAngle r = reduce_angle(x);
  const double s =
      (r.quadrant & 1) == 0 ? sin_reduced(r.value, r.tail) : cos_reduced(r.value, r.tail);
  return (r.quadrant & 2) == 0 ? s : -s;
}

double cos(double x) {
  if (!(x >= -kLargestAngle && x <= kLargestAngle)) return kNaN;
  const ReducedAngle r = reduce_angle(x);
  const double c =
      (r.quadrant & 1) == 0 ? cos_reduced(r.value, r.tail) : sin_reduced(r.value, r.tail);
  return ((r.quadrant + 1) & 2) == 0 ? c : -c;
}

double tanh(double x) {
  const double a = x < 0 ? -x : x;
  if (a > 22) return x < 0 ? -1 : 1;
  double t;
  if (a < 0.55) {
    // Lambert's continued fraction cut after 9 terms, x N/D, written as x - x (D - N)/D.
    const double z = x * x;
    const double difference = z * (11486475.0 + z * (810810.0 + z * (12870.0 + z * 44.0)));
    const double denominator =
        34459425.0 + z * (16216200.0 + z * (945945.0 + z * (13860.0 + z * 45.0)));
    t = a - a * (difference / denominator);
  } else {
    t = 1 - 2 / (exp(2 * a) + 1);
  }
  return x < 0 ? -t : (x == 0 ? x : t);
}

double sigmoid(double x) {
  return x < -40 ? exp(x) : 1 / (1 + exp(-x));
}

// Polynomials through the values at Chebyshev points, their terms taken in pairs (Estrin): most of
// the time of Horner's rule is the wait of each operation for the one before. There is no branch,
// which could not be predicted, and no division.
double quick_exp2(double x) {
  const double k = round_to_integer(x);
  const double r = x - k, r2 = r * r;
  const double low = 1.0000000754549 + 0.69314718802623 * r;
  const double middle = 0.24022107485308 + 0.055503571142192 * r;
  const double high = 0.0096760319183249 + 0.0013390863364616 * r;
  return (low + r2 * (middle + r2 * high)) * power_of_two(static_cast<int>(k));
}

double quick_log2(double x) {
  // As split does it: x = 2^k m with sqrt(1/2) <= m < sqrt(2).
  const auto bits = to_bits(x), exponent = bits - to_bits(0x1.6a09e667f3bcdp-1);
  const auto k = static_cast<double>(static_cast<std::int64_t>(exponent) >> 52);
  const double f = from_bits(bits - (exponent & 0xfff0000000000000ULL)) - 1;
  const double f2 = f * f, f4 = f2 * f2;
  const double low =
      (1.4426949948930 - 0.72135293136297 * f) + f2 * (0.48091670800023 - 0.36022518246103 * f);
  const double high =
      (0.28728888237385 - 0.24927182207447 * f) + f2 * (0.23265257882160 - 0.14275973436134 * f);
  return k + f * (low + f4 * high);
}

}  // namespace neural_ode::math
