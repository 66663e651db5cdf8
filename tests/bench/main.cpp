// The workloads without the command line library, which throws, for WebAssembly.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "cli/bench/bench_run.h"

int main(int argc, char** argv) {
  neural_ode::cli::BenchRequest request;
  request.portable = true;
  bool json = false;
  nlohmann::json before = nlohmann::json::object();
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (std::strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
      request.filter = argv[++i];
    } else if (std::strcmp(argv[i], "--against") == 0 && i + 1 < argc) {
      std::ifstream file(argv[++i]);
      before = nlohmann::json::parse(file, nullptr, false);
      if (!before.is_object()) {
        std::fprintf(stderr, "%s: expected what bench --json printed\n", argv[i]);
        return 2;
      }
    } else {
      std::fprintf(stderr, "bench: unknown option '%s'\n", argv[i]);
      return 2;
    }
  }
  const auto result = neural_ode::cli::run_benchmarks(request);
  const std::string table = neural_ode::cli::bench_table(result, before);
  if (json) std::printf("%s\n", result.dump(2).c_str());
  if (!json || !before.empty()) std::fputs(table.c_str(), json ? stderr : stdout);
}
