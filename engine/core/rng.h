// Random numbers that are the same on every machine, compiler and C library.
#pragma once

#include <cstdint>
#include <vector>

namespace neural_ode {

// PCG32 (O'Neill 2014, XSH-RR 64/32) [pcg2014].
class Rng {
 public:
  explicit Rng(std::uint64_t seed = 0, std::uint64_t stream = 0);

  std::uint32_t next();  // uniform over all 32-bit words
  double uniform();      // [0, 1)
  double uniform(double low, double high);
  double normal();                        // N(0, 1), polar method [marsaglia1964], one draw in hand
  std::uint32_t below(std::uint32_t n);   // {0, ..., n-1} without bias; n > 0
  void shuffle(std::vector<int>& order);  // Fisher-Yates

  // The full state, so that a restored run goes on with the same numbers.
  struct State {
    std::uint64_t state = 0, increment = 0;
    double spare = 0;
    bool has_spare = false;
  };
  State state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace neural_ode
