#include <csignal>
#include <iostream>
#include <string>

#include "cli/commands/command.h"
#include "engine/version.h"

using namespace neural_ode::cli;

namespace {

constexpr AddCommand commands[] = {
    add_solve, add_grad, add_study, add_experiments, add_train, add_bench,
};

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away is an error of writing, which is told, and the other files are written.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Neural ordinary differential equations on the command line", "neural-ode"};
  app.footer(
      "JSON goes to standard output, everything else to standard error.\n"
      "Exit codes: 0 done; 1 the input was fine but the computation failed (the JSON holds the\n"
      "status), or its result could not be written (disk full, pipe closed); 2 bad input, with "
      "one\n"
      "line that names the file, the place in it and what was expected.");
  app.set_version_flag("--version", std::string("neural-ode ") + neural_ode::version);
  app.require_subcommand(1);
  int exit_code = done;
  for (const AddCommand add : commands) add(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
    return complain(std::string(error.what()) + " (see --help)");
  }
  std::cout.flush();
  return std::cout ? exit_code : complain("standard output cannot be written", failed);
}
