#pragma once
// Directories that are expensive to make and depend on nothing but their key.
//  * An entry is made in a directory beside it and renamed when it is whole: a killed build leaves
//    only that directory, which the next build removes.
//  * Two programs that want the same entry wait for each other (flock).
//  * A manifest holds a hash of what was made and of the files outside that it was made from: a
//    damaged or stale entry is made again.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mixpe {

/// 128 bits of SHA-1, as 32 hexadecimal digits.
std::string content_hash(std::string_view text);

class BuildCache {
 public:
  explicit BuildCache(std::filesystem::path root) : root_(std::move(root)) {}

  /// $MIXPE_CACHE_DIR, else $XDG_CACHE_HOME/mixpe, else ~/.cache/mixpe. UserError without a home.
  static BuildCache of_user();

  const std::filesystem::path& root() const { return root_; }

  /// What a build made: its result, by name in the directory, and the outside files it depends on.
  struct Made {
    std::string result;
    std::vector<std::filesystem::path> depends_on;
  };
  /// The result of the entry `key`. If it is not there whole, `build(directory)` makes it; what
  /// build() throws is passed on and leaves nothing behind.
  std::filesystem::path result(
      const std::string& key,
      const std::function<Made(const std::filesystem::path& directory)>& build) const;

 private:
  std::filesystem::path root_;
};

}  // namespace mixpe
