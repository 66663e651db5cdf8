// neural-ode experiments
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "cli/commands/command.h"
#include "playground/catalogue/catalogue.h"
#include "playground/contract/info_json.h"
#include "playground/picture/write/frame_json.h"

namespace neural_ode::cli {

void add_experiments(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("experiments", "Every experiment with the table of its parameters");
  command->callback([&exit_code] {
    nlohmann::json list = nlohmann::json::array();
    for (const std::string_view name : all_experiments().names()) {
      list.push_back(info_to_json(*all_experiments().info(name)));
    }
    std::cout << nlohmann::json{{"experiments", std::move(list)}}.dump(2) << '\n';
    exit_code = done;
  });
}

}  // namespace neural_ode::cli
