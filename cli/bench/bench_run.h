// Times the workloads; shared by `neural-ode bench` and its WebAssembly build.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace neural_ode::cli {

struct BenchRequest {
  std::string filter;     // part of a workload's name; empty: all
  int runs = 0;           // timed runs of each; 0: as many as half a second holds, at least 5
  bool portable = false;  // the portable kernels
  int threads = 1;        // 0: one for each core
};

// {"kernel", "threads", "workloads": [{"name", "median_ms", "min_ms", "runs", "flops", "gflops"}]}
nlohmann::ordered_json run_benchmarks(const BenchRequest& request);
// {"kernel", "threads", "growth": [{"name", "description", "sizes": [as above, and "count"]}]}
nlohmann::ordered_json run_growth(const BenchRequest& request);
// The same as lines of text; `exponent` is the slope of log time over log count since the line
// above.
std::string growth_table(const nlohmann::ordered_json& result);
// What run_benchmarks returned as lines of text, with the ratios to an earlier result where
// `against` (an object, or an empty one) has them.
std::string bench_table(const nlohmann::ordered_json& result, const nlohmann::json& against);

}  // namespace neural_ode::cli
