// A file that appears whole or not at all: written beside its name, and given it by commit.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "playground/contract/experiment.h"

namespace neural_ode::cli {

class AtomicFile {
 public:
  AtomicFile() = default;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();  // without a commit nothing is left

  // Opens at once, so that a path that cannot be written is known before the work begins.
  Status open(const std::string& path);
  bool is_open() const { return file_ != nullptr; }
  void write(std::string_view bytes);
  Status commit();

 private:
  std::string path_, temporary_;
  std::FILE* file_ = nullptr;
};

}  // namespace neural_ode::cli
