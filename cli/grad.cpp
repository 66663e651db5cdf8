// neural-ode grad PROBLEM.json
#include <iostream>
#include <memory>

#include "cli/command.h"
#include "engine/experiments/problem.h"

namespace neural_ode::cli {
namespace {

struct Arguments {
  std::string problem, strategy = "discrete";
};

int run(const Arguments& arguments) {
  const Result<std::string> text = read_input(arguments.problem);
  if (!text) return complain(text.error());
  const Result<ProblemAnswer> answer = grad_problem(text.value(), arguments.strategy);
  const std::string name = input_name(arguments.problem);
  if (!answer) return complain(name + ": " + answer.error());
  std::cout << answer.value().json << '\n';
  return answer.value().ok ? done : complain(name + ": " + answer.value().message, failed);
}

}  // namespace

void add_grad(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "grad",
      "Solve the problem in a JSON file and differentiate its loss. Adaptive methods solve at a "
      "hundredth of rtol and atol (not below 1e-13), for the gradient's sake");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("problem", arguments->problem, "PROBLEM.json, or - for standard input")
      ->required();
  command
      ->add_option("--gradient", arguments->strategy,
                   "discrete: the reverse of the very steps taken")
      ->capture_default_str()
      ->check(CLI::IsMember({"discrete"}));
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
