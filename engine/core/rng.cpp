#include "engine/core/rng.h"

#include <cmath>
#include <utility>

#include "engine/core/math.h"

namespace neural_ode {
namespace {

constexpr std::uint64_t kMultiplier = 6364136223846793005ULL;

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream) {
  // The seeding of the reference implementation, so that its published outputs test ours.
  state_.increment = (stream << 1U) | 1U;
  next();
  state_.state += seed;
  next();
}

std::uint32_t Rng::next() {
  const std::uint64_t old = state_.state;
  state_.state = old * kMultiplier + state_.increment;
  const auto xorshifted = static_cast<std::uint32_t>(((old >> 18U) ^ old) >> 27U);
  const auto rotation = static_cast<std::uint32_t>(old >> 59U);
  return (xorshifted >> rotation) | (xorshifted << ((0U - rotation) & 31U));
}

double Rng::uniform() {
  // 26 + 27 bits fill the significand exactly.
  const std::uint64_t high = next() >> 6U;
  const std::uint64_t low = next() >> 5U;
  return static_cast<double>((high << 27U) | low) * 0x1p-53;
}

double Rng::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

double Rng::normal() {
  if (state_.has_spare) {
    state_.has_spare = false;
    return state_.spare;
  }
  double u, v, s;
  do {
    u = 2 * uniform() - 1;
    v = 2 * uniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double scale = std::sqrt(-2 * math::log(s) / s);
  state_.spare = v * scale;
  state_.has_spare = true;
  return u * scale;
}

std::uint32_t Rng::below(std::uint32_t n) {
  // Words under 2^32 mod n would make the small remainders likelier.
  const std::uint32_t threshold = (0U - n) % n;
  std::uint32_t word;
  do {
    word = next();
  } while (word < threshold);
  return word % n;
}

void Rng::shuffle(std::vector<int>& order) {
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[below(static_cast<std::uint32_t>(i))]);
  }
}

}  // namespace neural_ode
