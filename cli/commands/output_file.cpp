#include "cli/commands/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "engine/core/number_text.h"

namespace neural_ode::cli {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as Linux has it
constexpr mode_t permissions = 07777, usual = 0666;

Error unwritable(const std::string& path, int reason) {
  return Error{path + ": cannot be written: " + std::strerror(reason)};
}

// The open file that the path is a name of (/dev/stdout, /dev/fd/63, a process substitution), or
// -1. It is shared rather than opened once more: a second opening of a file that the shell writes
// to would begin at its start, and a socket cannot be opened at all.
int open_descriptor(const fs::path& path) {
  std::error_code none;
  const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : ".", none);
  if (none || folder != fs::canonical("/dev/fd", none)) return -1;
  const auto number = parse_number(path.filename().string());
  return number && *number >= 0 && *number < 1e6 ? static_cast<int>(*number) : -1;
}

// What a row of links ends at: a name that need not exist, or the descriptor that it stands for.
struct Target {
  std::string path;
  int descriptor = -1;
};

Result<Target> follow_links(const std::string& path) {
  Target target{path, -1};
  for (int i = 0; i < most_links; ++i) {
    target.descriptor = open_descriptor(target.path);
    std::error_code none;
    if (target.descriptor >= 0 || !fs::is_symlink(target.path, none)) return target;
    const fs::path next = fs::read_symlink(target.path, none);
    if (none) return unwritable(path, none.value());
    target.path = (fs::path(target.path).parent_path() / next).string();
  }
  return unwritable(path, ELOOP);
}

}  // namespace

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  if (is_plain()) std::remove(temporary_.c_str());
}

Status OutputFile::open(const std::string& path) {
  path_ = path;
  const auto target = follow_links(path);
  if (!target) return Error{target.error()};
  if (target.value().descriptor >= 0) return open_directly(dup(target.value().descriptor));
  const std::string& name = target.value().path;
  struct stat found {};
  if (stat(name.c_str(), &found) != 0) {
    return errno == ENOENT ? open_beside(name) : unwritable(path_, errno);
  }
  if (S_ISDIR(found.st_mode)) return Error{path + ": cannot be written: it is a folder"};
  if (!S_ISREG(found.st_mode)) {
    return open_directly(::open(name.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  }
  if (access(name.c_str(), W_OK) != 0) return unwritable(path_, errno);
  if (Status status = open_beside(name); !status) return status;
  // Who owns it is for root to keep; others own what they write.
  (void)!fchown(fileno(file_), found.st_uid, found.st_gid);
  if (fchmod(fileno(file_), found.st_mode & permissions) != 0) return unwritable(path_, errno);
  return {};
}

Status OutputFile::open_beside(const std::string& target) {
  int descriptor = -1;
  for (int i = 0; descriptor < 0; ++i) {
    temporary_ = target + ".partial-" + std::to_string(getpid()) + "-" + std::to_string(i);
    descriptor =
        ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, usual);  // less umask
    if (descriptor < 0 && errno != EEXIST) return unwritable(path_, errno);
  }
  std::error_code none;
  const fs::path folder = fs::canonical(fs::path(target).parent_path() / ".", none);
  target_ = none ? target : (folder / fs::path(target).filename()).string();
  file_ = fdopen(descriptor, "wb");
  return {};
}

Status OutputFile::open_directly(int descriptor) {
  if (descriptor < 0) return unwritable(path_, errno);
  file_ = fdopen(descriptor, "wb");
  if (file_ == nullptr) {  // open for reading alone
    const int reason = errno;
    close(descriptor);
    return unwritable(path_, reason);
  }
  // Whole lines, among those that others write there.
  std::setvbuf(file_, nullptr, _IOLBF, BUFSIZ);
  return {};
}

void OutputFile::write(std::string_view bytes) {
  if (trouble_ != 0) return;
  errno = 0;
  // fwrite counts what it could only keep in its buffer.
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size() || std::ferror(file_)) {
    trouble_ = errno != 0 ? errno : EIO;
  }
}

Status OutputFile::commit() {
  errno = 0;
  const bool flushed = std::fflush(file_) == 0;
  if (!flushed && trouble_ == 0) trouble_ = errno;
  const bool closed = std::fclose(file_) == 0;
  if (!closed && trouble_ == 0) trouble_ = errno;
  file_ = nullptr;
  if (is_plain()) {
    if (trouble_ == 0 && std::rename(temporary_.c_str(), target_.c_str()) != 0) trouble_ = errno;
    if (trouble_ != 0) std::remove(temporary_.c_str());
  }
  if (trouble_ != 0) return unwritable(path_, trouble_);
  return {};
}

}  // namespace neural_ode::cli
