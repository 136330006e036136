#pragma once
// Runs the built program as a user does.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace mixpe::testing {

struct Outcome {
  int exit_code = -1;
  std::string out;  ///< standard output and, with both = true, standard error
};

/// Runs a shell command line in which `mixpe` is the program under test.
inline Outcome shell(const std::string& line, bool both = true) {
  const std::string program = MIXPE_BINARY;
  const std::string command = "mixpe() { '" + program + "' \"$@\"; }; " + line;
  FILE* pipe =
      ::popen(("/bin/sh -c '" +
               [&] {
                 std::string quoted;
                 for (const char c : "{ " + command + "; }" + (both ? " 2>&1" : " 2>/dev/null")) {
                   quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
                 }
                 return quoted;
               }() +
               "'")
                  .c_str(),
              "r");
  Outcome outcome;
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    outcome.out.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A folder of its own for a test, empty at first, removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("mixpe_" + name + "_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }
  std::size_t files() const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      n += entry.is_regular_file() ? 1U : 0U;
    }
    return n;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mixpe::testing
