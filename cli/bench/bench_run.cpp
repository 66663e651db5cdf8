#include "cli/bench/bench_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bench/workloads.h"
#include "engine/core/kernels.h"
#include "engine/core/parallel.h"

namespace neural_ode::cli {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

nlohmann::ordered_json measure(std::string_view name, const std::function<double()>& run,
                               int runs) {
  constexpr double budget_ms = 500;
  constexpr int fewest = 5, most = 2000;
  double flops = run();  // warm-up
  std::vector<double> times;
  double total = 0;
  const auto enough = [&] {
    const int done = static_cast<int>(times.size());
    return runs > 0 ? done >= runs : done >= fewest && (total >= budget_ms || done >= most);
  };
  while (!enough()) {
    const auto begin = Clock::now();
    flops = run();
    times.push_back(milliseconds(begin, Clock::now()));
    total += times.back();
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  return {{"name", name},         {"median_ms", median}, {"min_ms", times.front()},
          {"runs", times.size()}, {"flops", flops},      {"gflops", flops / median * 1e-6}};
}

nlohmann::ordered_json begin_result(const BenchRequest& request) {
  select_kernels(request.portable ? KernelChoice::portable : KernelChoice::fast);
  set_threads(request.threads);
  nlohmann::ordered_json result;
  result["kernel"] = kernel_name();
  result["threads"] = threads();
  return result;
}

}  // namespace

nlohmann::ordered_json run_benchmarks(const BenchRequest& request) {
  nlohmann::ordered_json result = begin_result(request);
  result["workloads"] = nlohmann::ordered_json::array();
  for (const Workload& workload : workloads()) {
    if (workload.name.find(request.filter) == std::string_view::npos) continue;
    result["workloads"].push_back(measure(workload.name, workload.make(), request.runs));
  }
  return result;
}

nlohmann::ordered_json run_growth(const BenchRequest& request) {
  nlohmann::ordered_json result = begin_result(request);
  result["growth"] = nlohmann::ordered_json::array();
  for (const Growth& growth : growths()) {
    if (growth.name.find(request.filter) == std::string_view::npos) continue;
    nlohmann::ordered_json sizes = nlohmann::ordered_json::array();
    for (const Growth::Size& size : growth.sizes) {
      nlohmann::ordered_json row = measure(growth.name, growth.make(size.argument), request.runs);
      row["count"] = size.count;
      sizes.push_back(std::move(row));
    }
    result["growth"].push_back(
        {{"name", growth.name}, {"description", growth.description}, {"sizes", std::move(sizes)}});
  }
  return result;
}

std::string growth_table(const nlohmann::ordered_json& result) {
  std::string text;
  char line[160];
  for (const auto& growth : result["growth"]) {
    const std::string name = growth["name"], description = growth["description"];
    text += name + ": " + description + '\n';
    std::snprintf(line, sizeof line, "%12s %12s %14s %9s %10s\n", "count", "median ms",
                  "us / count", "GFLOP/s", "exponent");
    text += line;
    double last_count = 0, last_median = 0;
    for (const auto& row : growth["sizes"]) {
      const double count = row["count"], median = row["median_ms"];
      std::snprintf(line, sizeof line, "%12.0f %12.4f %14.4f %9.2f", count, median,
                    1e3 * median / count, row["gflops"].get<double>());
      text += line;
      if (last_count > 0) {
        std::snprintf(line, sizeof line, " %10.2f",
                      std::log(median / last_median) / std::log(count / last_count));
        text += line;
      }
      text += '\n';
      last_count = count;
      last_median = median;
    }
  }
  return text;
}

std::string bench_table(const nlohmann::ordered_json& result, const nlohmann::json& against) {
  std::string text;
  char line[160];
  std::snprintf(line, sizeof line, "%-18s %12s %12s %6s %9s%s\n", "", "median ms", "min ms", "runs",
                "GFLOP/s", against.empty() ? "" : "   ratio");
  text += line;
  for (const auto& row : result["workloads"]) {
    const std::string name = row["name"];
    std::snprintf(line, sizeof line, "%-18s %12.4f %12.4f %6d %9.2f", name.c_str(),
                  row["median_ms"].get<double>(), row["min_ms"].get<double>(),
                  row["runs"].get<int>(), row["gflops"].get<double>());
    text += line;
    for (const auto& before : against.value("workloads", nlohmann::json::array())) {
      if (before.value("name", "") != name) continue;
      std::snprintf(line, sizeof line, " %7.3f",
                    row["median_ms"].get<double>() / before.value("median_ms", 0.0));
      text += line;
    }
    text += '\n';
  }
  return text;
}

}  // namespace neural_ode::cli
