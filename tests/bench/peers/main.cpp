// Our kernels beside those of other libraries, in one process and in turns, so that what else the
// machine does meets all of them alike. script/bench peers and script/bench wasm-peers run it.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/kernels.h"
#include "engine/core/rng.h"
#include "tests/bench/peers/peers.h"

using namespace neural_ode;

namespace {

double seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

struct Competitor {
  std::string name;
  std::function<void()> run;
};

struct Timing {
  double median, best;  // seconds for one run
};

// Each competitor's time for one run; they take turns of about a fifth of a millisecond.
std::vector<Timing> compare(const std::vector<Competitor>& competitors, int rounds) {
  std::vector<std::vector<double>> times(competitors.size());
  std::vector<int> repeats;
  for (const Competitor& each : competitors) {
    // Long enough for V8 to have compiled it well.
    const double begin = seconds();
    int runs = 0;
    while (seconds() - begin < 0.05) {
      for (int i = 0; i < 100; ++i) each.run();
      runs += 100;
    }
    repeats.push_back(std::max(1, static_cast<int>(2e-4 * runs / (seconds() - begin))));
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < competitors.size(); ++i) {
      const double begin = seconds();
      for (int repeat = 0; repeat < repeats[i]; ++repeat) competitors[i].run();
      times[i].push_back((seconds() - begin) / repeats[i]);
    }
  }
  std::vector<Timing> timings;
  for (std::vector<double>& each : times) {
    std::sort(each.begin(), each.end());
    timings.push_back({each[each.size() / 2], each.front()});
  }
  return timings;
}

struct Shape {
  const char* name;
  int m, n, k;
  bool transpose_a, transpose_b;
};

// The products of a layer of 128 on a batch of 256, forward, to its input and to its weights, and
// those of the first and last layer of 7-128-128-6.
constexpr Shape shapes[] = {
    {"W x     128x128 128x256", 128, 256, 128, false, false},
    {"W^T z   128x128 128x256", 128, 256, 128, true, false},
    {"z x^T   128x256 256x128", 128, 128, 256, false, true},
    {"W x       128x7   7x256", 128, 256, 7, false, false},
    {"W^T z     7x128 128x256", 7, 256, 128, true, false},
    {"z x^T   128x256 256x7  ", 128, 7, 256, false, true},
    {"W x       6x128 128x256", 6, 256, 128, false, false},
    {"W^T z     128x6   6x256", 128, 256, 6, true, false},
    {"z x^T     6x256 256x128", 6, 128, 256, false, true},
    {"W x       64x64  64x16 ", 64, 16, 64, false, false},
    {"W x       32x32  32x8  ", 32, 8, 32, false, false},
    {"W x       16x16  16x2  ", 16, 2, 16, false, false},
};

std::vector<float> normal_entries(int count, Rng& rng) {
  std::vector<float> entries(std::size_t(count), 0.0F);
  for (float& each : entries) each = float(rng.normal());
  return entries;
}

void multiply_ours(const peers::Product& p) {
  const MatrixIn<float> a =
      Eigen::Map<const Matrix<float>>(p.a, p.transpose_a ? p.k : p.m, p.transpose_a ? p.m : p.k);
  const MatrixIn<float> b =
      Eigen::Map<const Matrix<float>>(p.b, p.transpose_b ? p.n : p.k, p.transpose_b ? p.k : p.n);
  Eigen::Map<Matrix<float>> c(p.c, p.m, p.n);
  gemm<float>(p.transpose_a ? Transpose::yes : Transpose::no, a,
              p.transpose_b ? Transpose::yes : Transpose::no, b, false, c);
}

// GFLOP/s of the median (of the best) run, ours first; then our median against the best peer's.
void compare_products(int rounds) {
  Rng rng(1);
  bool header = true;
  for (const Shape& shape : shapes) {
    const std::vector<float> a = normal_entries(shape.m * shape.k, rng);
    const std::vector<float> b = normal_entries(shape.k * shape.n, rng);
    std::vector<float> c(std::size_t(shape.m * shape.n), 0.0F);
    const peers::Product product{shape.m,           shape.n,  shape.k,  shape.transpose_a,
                                 shape.transpose_b, a.data(), b.data(), c.data()};
    std::vector<Competitor> competitors;
    for (const std::string_view kernels : available_kernels()) {
      competitors.push_back({std::string(kernels), [&product, kernels] {
                               select_kernels(kernels);
                               multiply_ours(product);
                             }});
    }
    const std::size_t ours = competitors.size();
    competitors.push_back({"Eigen", [&] { peers::eigen_multiply(product); }});
#ifdef PEER_EIGEN_NATIVE
    competitors.push_back({"Eigen -march=native", [&] { peers::eigen_native_multiply(product); }});
#endif
#ifdef PEER_OPENBLAS
    competitors.push_back({"OpenBLAS", [&] { peers::openblas_multiply(product); }});
#endif
    const std::vector<Timing> timings = compare(competitors, rounds);
    if (header) {
      std::printf("%-26s", "GFLOP/s, median (best)");
      for (const Competitor& each : competitors) std::printf(" %19s", each.name.c_str());
      std::printf("   ours / best peer\n");
      header = false;
    }
    std::printf("%-26s", shape.name);
    const double flops = 2.0 * shape.m * shape.n * shape.k;
    for (const Timing& each : timings)
      std::printf("    %6.1f (%6.1f)", flops / each.median * 1e-9, flops / each.best * 1e-9);
    const auto ratio = [&](double Timing::*time) {
      double us = timings[ours - 1].*time, best = timings[ours].*time;
      for (std::size_t i = 0; i < ours; ++i) us = std::min(us, timings[i].*time);
      for (std::size_t i = ours; i < timings.size(); ++i) best = std::min(best, timings[i].*time);
      return best / us;
    };
    std::printf("    %6.2f (%5.2f)\n", ratio(&Timing::median), ratio(&Timing::best));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(5, std::atoi(argv[1])) : 101;
  compare_products(rounds);
}
