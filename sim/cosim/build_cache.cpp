#include "sim/cosim/build_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/uuid/name_generator_sha1.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include "models/core/errors.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest";
constexpr const char* kUnfinished = ".unfinished";

std::optional<std::string> file_hash(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return content_hash(std::string(std::istreambuf_iterator<char>(in), {}));
}

/// Holds the lock of an entry; released when the process ends, however it does.
class Lock {
 public:
  Lock(const fs::path& file, bool wait)
      : descriptor_(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) return;
    int result = 0;
    do {
      result = ::flock(descriptor_, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    held_ = result == 0;
  }
  ~Lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

/// A manifest is lines "hash name"; the first is the result, relative to the entry.
std::string manifest_of(const fs::path& directory, const BuildCache::Made& made) {
  std::ostringstream text;
  text << file_hash(directory / made.result).value_or("") << ' ' << made.result << '\n';
  for (const fs::path& file : made.depends_on) {
    text << file_hash(file).value_or("") << ' ' << file.string() << '\n';
  }
  return text.str();
}

/// The result of a whole entry; none if anything of it is missing, damaged or stale.
std::optional<fs::path> whole_result(const fs::path& directory) {
  std::ifstream manifest(directory / kManifest);
  std::optional<fs::path> result;
  std::string hash, name;
  while (manifest >> hash && manifest.get() == ' ' && std::getline(manifest, name)) {
    const fs::path file = directory / name;  // an absolute name replaces the directory
    if (file_hash(file) != hash) return std::nullopt;
    if (!result) result = file;
  }
  return result;
}

/// Removes what killed builds left. One that is running holds its lock.
void remove_unfinished(const fs::path& root) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, ignored)) {
    fs::path of = entry.path();
    if (of.extension() != kUnfinished) continue;
    const Lock lock(of.replace_extension(".lock"), false);
    if (lock.held()) fs::remove_all(entry.path(), ignored);
  }
}

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

std::string content_hash(std::string_view text) {
  const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (const unsigned char byte : generate(text.data(), text.size())) {
    digits += kDigits[byte >> 4];
    digits += kDigits[byte & 15U];
  }
  return digits;
}

BuildCache BuildCache::of_user() {
  if (const char* set = variable("MIXPE_CACHE_DIR")) return BuildCache(fs::absolute(set));
  if (const char* xdg = variable("XDG_CACHE_HOME")) return BuildCache(fs::path(xdg) / "mixpe");
  if (const char* home = variable("HOME")) return BuildCache(fs::path(home) / ".cache" / "mixpe");
  throw UserError("no place to keep compiled RTL: set MIXPE_CACHE_DIR to a folder");
}

fs::path BuildCache::result(const std::string& key,
                            const std::function<Made(const fs::path& directory)>& build) const {
  std::error_code error;
  fs::create_directories(root_, error);
  const Lock lock(root_ / (key + ".lock"), true);
  if (!lock.held()) {
    throw UserError(root_.string() +
                    ": cannot be written, and compiled RTL is kept there; set MIXPE_CACHE_DIR");
  }
  const fs::path entry = root_ / key;
  if (const auto result = whole_result(entry)) return *result;

  remove_unfinished(root_);
  const fs::path work = root_ / (key + kUnfinished);
  fs::remove_all(work, error);
  fs::create_directories(work, error);
  Made made;
  try {
    made = build(work);
    std::ofstream(work / kManifest) << manifest_of(work, made);
    fs::remove_all(entry);
    fs::rename(work, entry);
  } catch (const fs::filesystem_error& e) {
    throw UserError(root_.string() + ": " + e.code().message());
  } catch (...) {
    fs::remove_all(work, error);
    throw;
  }
  const auto result = whole_result(entry);
  if (!result) throw UserError(entry.string() + ": could not be written whole; is the disk full?");
  return *result;
}

}  // namespace mixpe
