// neural-ode experiments
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "engine/experiments/frame_json.h"
#include "engine/experiments/registry.h"

namespace neural_ode::cli {

void add_experiments(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("experiments", "Every experiment with the table of its parameters");
  command->callback([&exit_code] {
    nlohmann::json list = nlohmann::json::array();
    for (const std::string_view name : experiment_names()) {
      list.push_back(info_to_json(*experiment_info(name)));
    }
    std::cout << nlohmann::json{{"experiments", std::move(list)}}.dump(2) << '\n';
    exit_code = done;
  });
}

}  // namespace neural_ode::cli
