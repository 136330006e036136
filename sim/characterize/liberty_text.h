#pragma once
// The text of a Liberty file as a tree: groups with attributes. Knows the syntax, not its meaning.

#include <string>
#include <string_view>
#include <vector>

namespace mixpe {

/// `kind (names) { attributes, groups }`.
struct LibertyGroup {
  struct Attribute {
    std::string name;
    std::vector<std::string> values;  ///< `name : value;` or `name (value, …);`, without quotes
  };
  std::string kind;
  std::vector<std::string> names;
  std::vector<Attribute> attributes;
  std::vector<LibertyGroup> groups;
  int line = 0;

  /// The attribute's first value; empty if there is none.
  std::string text(std::string_view attribute) const;
  /// All values of the first attribute of this name; none: empty.
  const std::vector<std::string>& values(std::string_view attribute) const;
  bool has(std::string_view attribute) const { return !values(attribute).empty(); }
  std::string name() const { return names.empty() ? std::string() : names.front(); }
};

/// The one group of the file, `library`. Throws UserError with `file:line` if the text is none, or
/// ends too early.
LibertyGroup parse_liberty_text(const std::string& file, std::string_view text);

}  // namespace mixpe
