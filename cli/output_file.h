// Files that are there whole or not at all.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace neural_ode::cli {

// Written beside its final place and moved there by `commit`; removed when that never comes.
class OutputFile {
 public:
  OutputFile() = default;
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Errors name the file and say why it cannot be written.
  Status open(const std::string& path);
  bool is_open() const { return file_ != nullptr; }
  void write(std::string_view bytes);
  Status commit();

 private:
  std::string path_, temporary_;
  std::FILE* file_ = nullptr;
};

}  // namespace neural_ode::cli
