#pragma once
// How the project reports what is wrong.
//  * A user's mistake is a Diagnostic; diagnostics are collected and shown all at once (exit code
//  2).
//  * A broken invariant of the simulator is an InvariantError (exit code 3).

#include <stdexcept>
#include <string>
#include <vector>

namespace mixpe {

/// A place in a file the user wrote. Lines and columns count from 1; 0 means "the file as a whole".
struct SourceMark {
  std::string file;
  int line = 0;
  int column = 0;
};

/// One mistake: `file:line:col: path.to.key: what; got X; allowed Y`. Empty parts are left out.
struct Diagnostic {
  SourceMark at;
  std::string path;
  std::string what;
  std::string got;
  std::string allowed;

  std::string text() const;
};

/// Collects mistakes in the order they are found.
class Diagnostics {
 public:
  void add(Diagnostic d) { list_.push_back(std::move(d)); }
  bool ok() const { return list_.empty(); }
  const std::vector<Diagnostic>& list() const { return list_; }
  /// One line for each different mistake, sorted by file, line and column.
  std::string text() const;
  /// Throws UserError with text() unless ok().
  void throw_if_any() const;

 private:
  std::vector<Diagnostic> list_;
};

/// What the user gave cannot be used; what() is the text to print as it is. Exit code 2.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The simulator contradicts itself. Exit code 3.
class InvariantError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws InvariantError(what) unless `holds`.
inline void check_invariant(bool holds, const char* what) {
  if (!holds) throw InvariantError(what);
}

}  // namespace mixpe
