#include "sim/config/reference.h"

#include <algorithm>
#include <map>

#include "sim/config/pe_yaml.h"
#include "sim/config/schema.h"

namespace mixpe {
namespace {

std::map<std::string, FileKind>& kinds() {
  static std::map<std::string, FileKind> all;
  return all;
}

/// The kind that most of the file's top-level keys tell, the first of equals; null if none does.
const FileKind* kind_of(const YamlNode& root) {
  const FileKind* best = nullptr;
  std::ptrdiff_t most = 0;
  for (const auto& [name, kind] : kinds()) {
    const auto told = std::count_if(kind.detect.begin(), kind.detect.end(),
                                    [&](const std::string& key) { return root.find(key); });
    if (told > most) best = &kind;
    most = std::max(most, told);
  }
  return best;
}

std::string known_kinds() {
  std::vector<std::string> known;
  for (const auto& [name, kind] : kinds()) {
    if (!kind.detect.empty()) known.push_back(name + " (" + joined(kind.detect) + ")");
  }
  return joined(known);
}

/// `|` ends a table cell.
std::string cell(const std::string& text) {
  std::string s;
  for (const char c : text) s += c == '|' ? std::string("\\|") : std::string(1, c);
  return s;
}

constexpr const char* kIntroduction = R"(# Configuration reference

Generated from the declarations of the keys (`mixpe list --keys`); `tests/config_errors` compares this
page with them.

* Units are written: `128 KiB`, `500 MHz`, `64 GB/s`, `100 cycles`. `1 KiB` is 1024 B, `1 GB/s` is
  10^9 B/s. An amount that is no whole number of the base unit (the first named) is an error, except
  for prices.
* Whole numbers are decimal, without leading zeros; booleans are `true` and `false`.
* "required" means: wherever the map around the key is given. A key without a default may be left out.
* Unknown, duplicate and missing keys, anchors, aliases, merge keys, tags and tabs in the indentation
  are errors. All mistakes of a file are reported at once, with line and column.
)";

}  // namespace

FileKindRegistration::FileKindRegistration(FileKind kind) {
  const std::string name = kind.name;
  check_invariant(kinds().emplace(name, std::move(kind)).second, "a kind of file registered twice");
}

std::vector<const FileKind*> file_kinds() {
  std::vector<const FileKind*> all;
  for (const auto& [name, kind] : kinds()) all.push_back(&kind);
  return all;
}

Diagnostics validate_file(const std::string& path) {
  Diagnostics wrong;
  for (const FileKind* kind : file_kinds()) {
    if (!kind->extension.empty() && path.ends_with(kind->extension)) {
      kind->check_file(path, wrong);
      return wrong;
    }
  }
  const auto root = load_yaml(path, wrong);
  if (!root) return wrong;
  if (root->kind != YamlNode::Kind::kMap) {
    YamlValue(*root, wrong).map();
    return wrong;
  }
  const FileKind* kind = kind_of(*root);
  if (kind == nullptr) {
    wrong.add({root->mark(), {}, "no known kind of file", {}, known_kinds()});
  } else if (kind->check_file) {
    wrong = {};  // it reads the file again and finds the same mistakes
    kind->check_file(path, wrong);
  } else {
    kind->check(*root, path, wrong);
  }
  return wrong;
}

std::string reference_table(const std::vector<ReferenceRow>& rows) {
  std::string s = "| key | type | allowed | default | meaning |\n|---|---|---|---|---|\n";
  for (const ReferenceRow& row : rows) {
    s += "| `" + row.key + "` | " + cell(row.type) + " | " + cell(row.allowed) + " | " +
         cell(row.fallback) + " | " + cell(row.doc) + " |\n";
  }
  return s;
}

std::string configuration_reference() {
  std::string s = kIntroduction;
  for (const FileKind* kind : file_kinds()) {
    if (kind->reference) s += "\n## File: " + kind->name + "\n\n" + kind->reference();
  }
  return s;
}

}  // namespace mixpe
