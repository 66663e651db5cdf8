// One file per subcommand. Adding one: a file with an add_... function and a row in main.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/problem/problem.h"

namespace neural_ode::cli {

// What the process ends with.
enum ExitCode : int {
  done = 0,
  failed = 1,     // the input was fine; computing, or writing what came of it, did not succeed
  bad_input = 2,  // the command line or a file it names: one that cannot be opened, for one
};

// Adds a subcommand whose callback sets `exit_code`.
using AddCommand = void (*)(CLI::App& app, int& exit_code);

void add_solve(CLI::App& app, int& exit_code);
void add_grad(CLI::App& app, int& exit_code);
void add_study(CLI::App& app, int& exit_code);
void add_experiments(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_train(CLI::App& app, int& exit_code);

// --threads, with `threads` as it is for default; see set_threads.
void add_threads(CLI::App& command, int& threads);
// A file that is written (cli/commands/output_file.h).
CLI::Option* add_output(CLI::App& command, const std::string& name, std::string& path,
                        const std::string& help);

// The content of a file, or of standard input for "-"; the error names the file.
Result<std::string> read_input(const std::string& path);
// How errors call it: "standard input" for "-".
std::string input_name(const std::string& path);
// One line on stderr, whatever the message holds; returns `code`.
int complain(const std::string& message, int code = bad_input);

}  // namespace neural_ode::cli
