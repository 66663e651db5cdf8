// neural-ode solve PROBLEM.json
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands/command.h"
#include "cli/problem/problem.h"
#include "cli/problem/problem_vocabulary.h"

namespace neural_ode::cli {
namespace {

struct Arguments {
  std::string problem;
  bool list = false;
};

int run(const Arguments& arguments) {
  if (arguments.list) {
    std::cout << problem_vocabulary() << '\n';
    return done;
  }
  if (arguments.problem.empty()) return complain("solve: expected a PROBLEM.json, - or --list");
  const Result<std::string> text = read_input(arguments.problem);
  if (!text) return complain(text.error());
  const Result<ProblemAnswer> answer = solve_problem(text.value());
  const std::string name = input_name(arguments.problem);
  if (!answer) return complain(name + ": " + answer.error());
  std::cout << answer.value().json << '\n';
  return answer.value().ok ? done : complain(name + ": " + answer.value().message, failed);
}

}  // namespace

void add_solve(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("solve", "Solve the problem in a JSON file");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("problem", arguments->problem, "PROBLEM.json, or - for standard input");
  command->add_flag("--list", arguments->list,
                    "Print the methods, solver options, systems and activations that a problem can "
                    "name, and the gradients of its loss");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
