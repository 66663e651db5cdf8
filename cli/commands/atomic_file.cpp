#include "cli/commands/atomic_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace neural_ode::cli {

namespace {

Error unwritable(const std::string& path, const char* reason) {
  return Error{path + ": cannot be written: " + reason};
}

}  // namespace

AtomicFile::~AtomicFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

Status AtomicFile::open(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) return unwritable(path, "it is a folder");
  path_ = path;
  temporary_ = path + ".partial-" + std::to_string(getpid());
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (file_ == nullptr) return unwritable(path, std::strerror(errno));
  return {};
}

void AtomicFile::write(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), file_);
}

Status AtomicFile::commit() {
  const bool written = std::fflush(file_) == 0 && std::ferror(file_) == 0;
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (!written || !closed || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    std::remove(temporary_.c_str());
    return unwritable(path_, std::strerror(reason));
  }
  return {};
}

}  // namespace neural_ode::cli
