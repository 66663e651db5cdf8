// neural-ode experiments
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "engine/experiments/frame_json.h"
#include "engine/experiments/registry.h"

namespace neural_ode::cli {
namespace {

int run() {
  nlohmann::json all = nlohmann::json::array();
  for (const std::string_view name : experiment_names())
    all.push_back(info_to_json(make_experiment(name)->info()));
  std::cout << all.dump(1) << '\n';
  return done;
}

}  // namespace

void add_experiments(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("experiments", "Print every experiment with its parameter table");
  command->callback([&exit_code] { exit_code = run(); });
}

}  // namespace neural_ode::cli
