// Where a result goes. A plain file appears whole or not at all: it is written beside its name, and
// given it by commit, with the permissions of the file that it replaces. A link stays, and what it
// points to is written. What is no plain file (a device, a pipe, /dev/stdout) is written to as the
// bytes come.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "playground/contract/experiment.h"

namespace neural_ode::cli {

class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // without a commit no plain file is changed or left

  // Opens at once, so that a path that cannot be written is known before the work begins. Waits for
  // the reader of a named pipe.
  Status open(const std::string& path);
  bool is_open() const { return file_ != nullptr; }
  bool is_plain() const { return !target_.empty(); }
  // Both are plain files of one name, of which only the later one would be left.
  bool is_same(const OutputFile& other) const { return is_plain() && target_ == other.target_; }
  void write(std::string_view bytes);
  // Says why, when this or an earlier write did not succeed.
  Status commit();

 private:
  Status open_beside(const std::string& target);
  Status open_directly(int descriptor);

  std::string path_;                // as given
  std::string target_, temporary_;  // of a plain file
  std::FILE* file_ = nullptr;
  int trouble_ = 0;  // errno of the first write that failed
};

}  // namespace neural_ode::cli
