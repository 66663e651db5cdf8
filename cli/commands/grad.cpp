// neural-ode grad PROBLEM.json
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands/command.h"
#include "cli/commands/number_option.h"
#include "cli/problem/gradient_report.h"
#include "cli/problem/problem.h"

namespace neural_ode::cli {
namespace {

struct Arguments {
  std::string problem, norm = "semi";
  GradientRequest request;
  bool report = false;
};

int run(const Arguments& arguments) {
  const Result<std::string> text = read_input(arguments.problem);
  if (!text) return complain(text.error());
  GradientRequest request = arguments.request;
  request.options.seminorm = arguments.norm == "semi";
  const Result<ProblemAnswer> answer =
      arguments.report ? gradient_report(text.value()) : grad_problem(text.value(), request);
  const std::string name = input_name(arguments.problem);
  if (!answer) return complain(name + ": " + answer.error());
  std::cout << answer.value().json << '\n';
  return answer.value().ok ? done : complain(name + ": " + answer.value().message, failed);
}

}  // namespace

void add_grad(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "grad",
      "Solve the problem in a JSON file and differentiate its loss. Behind the discrete gradient "
      "adaptive methods solve at a hundredth of rtol and atol (not below 1e-13), for its sake");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("problem", arguments->problem, "PROBLEM.json, or - for standard input")
      ->required();
  CLI::Option* strategy =
      command
          ->add_option("--gradient", arguments->request.strategy,
                       "discrete: the reverse of the very steps taken; interpolated: the "
                       "continuous adjoint along the stored solution; backsolve: with the state "
                       "solved backwards")
          ->capture_default_str();
  CLI::Option* checkpoints =
      add_whole<int>(*command, "--checkpoints", arguments->request.options.checkpoints, 0,
                     largest_int,
                     "discrete: states kept, the steps between are taken again; 0: all")
          ->default_str(std::to_string(arguments->request.options.checkpoints));
  CLI::Option* norm = command
                          ->add_option("--norm", arguments->norm,
                                       "interpolated, backsolve: whether the gradient of theta "
                                       "takes part in the choice of steps (full) or not (semi)")
                          ->capture_default_str()
                          ->check(CLI::IsMember({"semi", "full"}));
  CLI::Option* reset = command->add_flag("--reset", arguments->request.options.reset,
                                         "backsolve: take the forward state at every output time");
  command
      ->add_flag("--report", arguments->report,
                 "Print the error against central differences, the work and the memory of every "
                 "strategy instead")
      ->excludes(strategy)
      ->excludes(checkpoints)
      ->excludes(norm)
      ->excludes(reset);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
