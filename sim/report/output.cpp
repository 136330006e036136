#include "sim/report/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "models/core/errors.h"

namespace mixpe {
namespace {

UserError cannot_write(const std::string& path, int error) {
  return UserError(path + ": cannot be written; got " + std::strerror(error) +
                   "; allowed a writable folder with room on its disk");
}

/// A temporary file that removes itself unless it was renamed.
class Temporary {
 public:
  explicit Temporary(const std::string& target)
      : target_(target), name_(target + ".tmp." + std::to_string(::getpid())) {
    fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ < 0) throw cannot_write(target_, errno);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (fd_ >= 0) ::close(fd_);
    if (!renamed_) ::unlink(name_.c_str());
  }

  void write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t n = ::write(fd_, content.data(), content.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw cannot_write(target_, n < 0 ? errno : ENOSPC);
      content.remove_prefix(static_cast<std::size_t>(n));
    }
    // Some file systems report a full disk only here.
    if (::fsync(fd_) != 0 && errno != EINVAL) throw cannot_write(target_, errno);
    const int fd = fd_;
    fd_ = -1;
    if (::close(fd) != 0) throw cannot_write(target_, errno);
  }
  void rename() {
    if (::rename(name_.c_str(), target_.c_str()) != 0) throw cannot_write(target_, errno);
    renamed_ = true;
  }

 private:
  std::string target_, name_;
  int fd_ = -1;
  bool renamed_ = false;
};

/// The file that will be replaced: a symbolic link stays, and what it points to is written.
std::string target_of(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return path;
  if (!std::filesystem::is_regular_file(status)) {
    throw UserError(path +
                    ": cannot be written; got something that is no regular file; allowed a "
                    "file or a new name");
  }
  const std::filesystem::path canonical = std::filesystem::canonical(path, error);
  return error ? path : canonical.string();
}

}  // namespace

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw cannot_write(path, error.value());
}

void check_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path folder = fs::absolute(path).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();
  std::vector<fs::path> missing;  // the innermost first
  for (; !fs::exists(folder, error) && folder.has_relative_path(); folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  fs::create_directories(path, error);
  // Only empty ones go.
  std::error_code ignored;
  for (const fs::path& made : missing) fs::remove(made, ignored);
  if (error) throw cannot_write(path, error.value());
}

void check_writable(const std::string& path) { const Temporary probe(target_of(path)); }

void write_files(const std::vector<OutputFile>& files) {
  std::vector<std::unique_ptr<Temporary>> written;
  for (const OutputFile& file : files) {
    written.push_back(std::make_unique<Temporary>(target_of(file.path)));
    written.back()->write(file.content);
  }
  for (const auto& file : written) file->rename();
}

}  // namespace mixpe
