#include "cli/commands/command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace neural_ode::cli {

std::string input_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

void add_threads(CLI::App& command, int& threads) {
  command
      .add_option("--threads", threads,
                  "Threads that share a training step, 0: one for each core; the results are those "
                  "of one, to the bit")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
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
