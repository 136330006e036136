#pragma once
// docs/configuration.md and `mixpe validate` from one registry: each stage that reads a kind of
// file registers it with one line in its own .cpp.
//   const FileKindRegistration kArch{{"architecture", {"array", "pe"}, &check, &reference}};

#include <functional>
#include <string>
#include <vector>

#include "sim/config/yaml_reader.h"

namespace mixpe {

struct ReferenceRow;

struct FileKind {
  std::string name;  ///< "architecture"; also the order in the reference
  std::vector<std::string>
      detect;  ///< top-level keys; a YAML file is of the kind of which it has most
  /// Reads the parsed file as a run would and reports what is wrong.
  std::function<void(const YamlNode& root, const std::string& path, Diagnostics&)> check;
  std::function<std::string()> reference;  ///< Markdown below a heading; may be empty
  /// For readers that open the file themselves: used instead of `check`, if set.
  std::function<void(const std::string& path, Diagnostics&)> check_file = {};
  /// ".csv": files ending so are of this kind, whatever is in them. Needs `check_file`.
  std::string extension = {};
};

class FileKindRegistration {
 public:
  /// A name registered twice is an InvariantError.
  explicit FileKindRegistration(FileKind kind);
};

/// All registered kinds, sorted by name.
std::vector<const FileKind*> file_kinds();

/// Finds out what kind of file this is and checks it as a run would.
Diagnostics validate_file(const std::string& path);

/// Markdown table of keys.
std::string reference_table(const std::vector<ReferenceRow>& rows);
/// The whole text of docs/configuration.md.
std::string configuration_reference();

}  // namespace mixpe
