#include "cli/commands/command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "cli/commands/number_option.h"

namespace neural_ode::cli {

std::string input_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

void add_threads(CLI::App& command, int& threads) {
  constexpr std::int64_t most_threads = 256;
  add_whole<int>(command, "--threads", threads, 0, most_threads,
                 "Threads that share a training step, 0: one for each core; the results are those "
                 "of one, to the bit")
      ->default_str(std::to_string(threads));
}

CLI::Option* add_output(CLI::App& command, const std::string& name, std::string& path,
                        const std::string& help) {
  // An empty name is a variable of a script that was never set, and would lose the run.
  return command.add_option(name, path, help)
      ->type_name("FILE")
      ->check([](const std::string& text) {
        return std::string(text.empty() ? "expected the name of a file, found nothing" : "");
      });
}

Result<std::string> read_input(const std::string& path) {
  errno = 0;
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  std::string content;
  if (file != nullptr) {
    char block[1 << 16];
    std::size_t n = 0;
    while ((n = std::fread(block, 1, sizeof block, file)) > 0) content.append(block, n);
  }
  const bool readable = file != nullptr && std::ferror(file) == 0;
  const int reason = errno;
  if (file != nullptr && file != stdin) std::fclose(file);
  if (!readable) return Error{input_name(path) + ": cannot be read: " + std::strerror(reason)};
  return content;
}

int complain(const std::string& message, int code) {
  std::string line = message;
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  std::cerr << "neural-ode: " << line << '\n';
  return code;
}

}  // namespace neural_ode::cli
