// neural-ode bench
#include <iostream>
#include <memory>
#include <string>

#include "cli/bench/bench_run.h"
#include "cli/commands/command.h"
#include "cli/commands/number_option.h"

namespace neural_ode::cli {
namespace {

struct Arguments {
  BenchRequest request;
  std::string against;
  bool growth = false, json = false;
};

int run_and_print_growth(const Arguments& arguments) {
  const nlohmann::ordered_json result = run_growth(arguments.request);
  if (result["growth"].empty())
    return complain("bench: nothing that grows is called '" + arguments.request.filter +
                    "'; there are batch, steps and parameters");
  std::cout << (arguments.json ? result.dump(2) + '\n' : growth_table(result));
  return done;
}

int run(const Arguments& arguments) {
  if (arguments.growth) return run_and_print_growth(arguments);
  nlohmann::json before = nlohmann::json::object();
  if (!arguments.against.empty()) {
    const Result<std::string> text = read_input(arguments.against);
    if (!text) return complain(text.error());
    before = nlohmann::json::parse(text.value(), nullptr, false);
    if (!before.is_object())
      return complain(arguments.against + ": expected what bench --json printed");
  }
  const nlohmann::ordered_json result = run_benchmarks(arguments.request);
  if (result["workloads"].empty())
    return complain("bench: no workload's name holds '" + arguments.request.filter + "'");
  if (arguments.json) {
    std::cout << result.dump(2) << '\n';
    if (!before.empty()) std::cerr << bench_table(result, before);
  } else {
    std::cout << bench_table(result, before);
  }
  return done;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("bench", "Time named workloads: median, minimum, rate of each");
  const auto arguments = std::make_shared<Arguments>();
  BenchRequest& request = arguments->request;
  command->add_option("--filter", request.filter, "Only workloads whose name holds this");
  add_whole<int>(*command, "--runs", request.runs, 1, 1'000'000,
                 "Timed runs of each (default: half a second of them, at least 5)");
  command->add_flag("--portable", request.portable, "Use the portable kernels");
  add_threads(*command, request.threads);
  CLI::Option* growth = command->add_flag(
      "--growth", arguments->growth,
      "Instead: how the time of a training step grows with batch, steps and parameters");
  command->add_flag("--json", arguments->json, "Print JSON");
  command
      ->add_option("--against", arguments->against,
                   "Show the ratios to what bench --json printed into this file")
      ->excludes(growth);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
