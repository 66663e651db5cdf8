// neural-ode study precision|order|batch|stability|memory SYSTEM
#include "cli/study/study.h"

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands/command.h"
#include "cli/commands/number_option.h"
#include "cli/commands/output_file.h"

namespace neural_ode::cli {
namespace {

struct Arguments {
  StudyRequest request;
  std::string svg;
};

int run(const Arguments& arguments) {
  OutputFile picture;
  if (!arguments.svg.empty()) {
    if (Status status = picture.open(arguments.svg); !status) return complain(status.error());
  }
  const StudyOutcome outcome = run_study(arguments.request);
  if (!outcome.answer) return complain(outcome.message, outcome.bad_request ? bad_input : failed);
  if (picture.is_open()) {
    picture.write(outcome.answer->svg);
    if (Status status = picture.commit(); !status) return complain(status.error(), failed);
  }
  std::cout << outcome.answer->json << '\n';
  return done;
}

}  // namespace

void add_study(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "study", "Measure methods and gradients on a built-in system, as JSON and as a picture");
  command->footer(
      "precision  error against evaluations of f, one curve a method: what accuracy costs\n"
      "order      error against the size of fixed steps, and the slope of each curve\n"
      "batch      evaluations for each sample of a batch whose samples differ in a parameter: each "
      "with "
      "its own steps,\n           and all with the same\n"
      "stability  eigenvalues of the Jacobian along a solution, divergence, largest Lyapunov "
      "exponent\n"
      "memory     bytes held, evaluations and error of each gradient strategy against the number "
      "of "
      "steps\n\n"
      "Errors are the largest of a component over the largest component of a reference solution at "
      "the end time.\nMethods and systems: neural-ode solve --list. Example:\n"
      "  neural-ode study precision spiral --methods rk4,dopri5,tsit5 --svg precision.svg");
  const auto arguments = std::make_shared<Arguments>();
  StudyRequest& request = arguments->request;
  command->add_option("study", request.study, "precision, order, batch, stability or memory")
      ->required();
  command->add_option("system", request.system, "A built-in system")->required();
  command
      ->add_option("--methods", request.methods,
                   "Methods to compare (default: all); memory: one (default: rk4)")
      ->type_name("NAME,...")
      ->delimiter(',');
  add_reals(*command, "--tolerances", request.tolerances,
            "precision: rtol of adaptive solves (default: 1e-2 to 1e-12); batch: one (default: "
            "1e-6)");
  add_real(*command, "--duration", request.duration,
           "Solve from t = 0 to this time (default: the system's own)");
  command->add_option("--set", request.set, "Parameters of the system")
      ->type_name("NAME=NUMBER,...")
      ->delimiter(',');
  add_reals(*command, "--y0", request.y0, "Initial state (default: the system's own)");
  add_real(*command, "--atol-ratio", request.atol_ratio,
           "atol of adaptive solves, over their rtol (default: 0.01)");
  add_whole<int>(*command, "--max-steps", request.max_steps, 1, largest_int,
                 "The most steps of a solve (default: a million)");
  command
      ->add_option("--vary", request.vary,
                   "batch: the parameter in which samples differ, evenly spaced in its logarithm "
                   "(default: the first, from a tenth to ten times its value)")
      ->type_name("NAME=LOW:HIGH");
  constexpr std::int64_t most_samples = 1'000'000;
  add_whole<int>(*command, "--samples", request.samples, 2, most_samples,
                 "batch: how many (default: 256)");
  add_output(*command, "--svg", arguments->svg, "Write the picture to this file");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
