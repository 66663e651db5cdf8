#include "cli/output_file.h"

#include <cerrno>
#include <cstring>

namespace neural_ode::cli {

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

Status OutputFile::open(const std::string& path) {
  path_ = path;
  temporary_ = path + ".part";
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (file_ == nullptr) return Error{path + ": cannot be written: " + std::strerror(errno)};
  return {};
}

void OutputFile::write(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), file_);
}

Status OutputFile::commit() {
  const bool written = std::fflush(file_) == 0 && std::ferror(file_) == 0;
  const int reason = errno;
  std::fclose(file_);
  file_ = nullptr;
  if (written && std::rename(temporary_.c_str(), path_.c_str()) == 0) return {};
  const std::string why = std::strerror(written ? errno : reason);
  std::remove(temporary_.c_str());
  return Error{path_ + ": cannot be written: " + why};
}

}  // namespace neural_ode::cli
