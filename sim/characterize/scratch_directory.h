#pragma once
// A directory for the files that other programs read and write; gone with the object.

#include <filesystem>
#include <string>
#include <string_view>

namespace mixpe {

class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// `name` may have folders, which are made.
  void write(const std::string& name, std::string_view text) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace mixpe
