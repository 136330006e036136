#pragma once
// The strict reader under every YAML file a user writes.
//  * Nothing is thrown for a user's mistake: each one becomes a Diagnostic with file, line and
//    column, and reading goes on, so that all mistakes of a file are shown at once.
//  * A key is known once it has been asked for. What is left over when its YamlMap ends is an error
//    that names the nearest known key.
//  * Refused: duplicate keys, anchors, aliases, merge keys, tags, tabs in indentation, a second
//    document, nesting beyond kMaxYamlDepth, files beyond kMaxTextBytes, numbers that YAML dialects
//    read differently (010, 0x10, 1_000, .5, +1), booleans other than true and false.
//
// Use:
//   Diagnostics wrong;
//   if (auto root = load_yaml(path, wrong)) {
//     YamlMap top = YamlValue(*root, wrong).map();
//     spec.rows = top.required("rows").integer(1, 4096).value_or(1);
//     spec.size = top.optional("size").quantity(Dimension::kBytes, 1, kGiB).value_or(kDefault);
//   }                          // top ends: unknown keys are reported
//   wrong.throw_if_any();

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/core/errors.h"

namespace mixpe {

inline constexpr int kMaxYamlDepth = 64;
inline constexpr std::int64_t kMaxTextBytes = std::int64_t{16} << 20;

/// A node of a parsed document. Plain data; built by parse_yaml(), changed only by override_yaml().
struct YamlNode {
  enum class Kind {
    kNull,
    kScalar,
    kList,
    kMap,
    kInvalid,  ///< already reported (an alias, say): reading it adds no second error
  };
  struct Key {
    std::string name;
    int line = 0, column = 0;
  };
  Kind kind = Kind::kNull;
  std::shared_ptr<const std::string> file;
  int line = 0, column = 0;
  std::string scalar;
  bool quoted = false;          ///< "64" is text, 64 is a number
  std::vector<YamlNode> items;  ///< of a list; the values of a map
  std::vector<Key> keys;        ///< of a map: keys[i] names items[i]

  SourceMark mark() const { return {file ? *file : std::string(), line, column}; }
  const YamlNode* find(std::string_view key) const;
};

/// The whole file. Errors: missing, a directory, not readable, empty, larger than kMaxTextBytes.
std::optional<std::string> read_text_file(const std::string& path, Diagnostics& wrong);

/// Parses `text`; `name` stands for the file in diagnostics. None if the text has no usable tree
/// (a syntax error, no content); other mistakes are reported and the tree is returned.
std::optional<YamlNode> parse_yaml(const std::string& name, std::string_view text,
                                   Diagnostics& wrong);
std::optional<YamlNode> load_yaml(const std::string& path, Diagnostics& wrong);

/// Sets the value at a dotted path ("array.rows"), making maps on the way where there are none.
/// `value` is YAML; `origin` ("--set", a study's name) stands for the file in later diagnostics.
void override_yaml(YamlNode& root, std::string_view path, std::string_view value,
                   const std::string& origin, Diagnostics& wrong);

/// What a quantity measures, named after its base unit. Units are always written.
enum class Dimension {
  kBytes,              ///< B, KiB, MiB, GiB
  kBits,               ///< bit
  kHertz,              ///< Hz, kHz, MHz, GHz
  kBytesPerSecond,     ///< B/s, kB/s, MB/s, GB/s, TB/s
  kCycles,             ///< cycles
  kPicoseconds,        ///< ps, ns, us, ms, s
  kPicojoules,         ///< fJ, pJ, nJ
  kPicojoulesPerBit,   ///< fJ/bit, pJ/bit, pJ/B
  kSquareMicrometres,  ///< um2, mm2
  kMicrowatts,         ///< nW, uW, mW, W
  kVolts,              ///< mV, V
};
/// "B, KiB, MiB, GiB"
std::string allowed_units(Dimension dimension);
/// An exact amount of base units in the largest unit that keeps it whole: 131072 -> "128 KiB".
std::string quantity_text(std::int64_t amount, Dimension dimension);
/// "1.5 pJ": base unit, shortest digits that read back as the same double.
std::string quantity_text(double amount, Dimension dimension);

/// Strict numbers, also for CSV and the command line. On failure `why` says what is wrong.
std::optional<std::int64_t> strict_integer(std::string_view text, std::string& why);
std::optional<double> strict_real(std::string_view text, std::string& why);
/// Shortest digits that read back as the same double; the same on every machine and locale.
std::string number_text(double value);

/// The candidate with the smallest edit distance, if it is near enough to be meant; else empty.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
/// "a, b, c"
std::string joined(const std::vector<std::string>& words);

class YamlMap;

/// A place in the document, perhaps absent. Reading an absent value gives none without an error
/// (required() has reported it); reading a wrong one gives none and reports it.
class YamlValue {
 public:
  YamlValue(const YamlNode& root, Diagnostics& wrong) : YamlValue(&root, {}, wrong) {}

  bool present() const { return node_ != nullptr; }
  const YamlNode& node() const { return *node_; }  ///< present() only
  const std::string& path() const { return path_; }
  SourceMark mark() const { return node_ ? node_->mark() : SourceMark{}; }
  Diagnostics& diagnostics() const { return *wrong_; }
  /// Reports a mistake at this place.
  void error(std::string what, std::string got = {}, std::string allowed = {}) const;
  /// The deepest place there is on the way to `path` below this one, named by the whole path: where
  /// to point when two keys contradict each other. Counts nothing as asked for.
  YamlValue place(std::string_view path) const;
  /// The value as the user wrote it, for messages.
  std::string written() const;

  bool is_map() const { return node_ && node_->kind == YamlNode::Kind::kMap; }
  bool is_list() const { return node_ && node_->kind == YamlNode::Kind::kList; }
  bool is_scalar() const { return node_ && node_->kind == YamlNode::Kind::kScalar; }

  std::optional<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
  std::optional<double> real(double min, double max) const;
  std::optional<bool> boolean() const;
  /// Any scalar, as written. Not empty.
  std::optional<std::string> text() const;
  std::optional<std::string> choice(const std::vector<std::string>& allowed) const;
  template <class E>
  std::optional<E> choice(std::initializer_list<std::pair<const char*, E>> allowed) const {
    std::vector<std::string> names;
    for (const auto& [name, value] : allowed) names.emplace_back(name);
    const auto chosen = choice(names);
    for (const auto& [name, value] : allowed) {
      if (chosen && *chosen == name) return value;
    }
    return std::nullopt;
  }
  /// A whole number of base units; `1.5 KiB` is 1536 B, `0.3 B` is an error.
  std::optional<std::int64_t> quantity(Dimension dimension, std::int64_t min,
                                       std::int64_t max) const;
  /// The same in floating point, for prices and areas.
  std::optional<double> real_quantity(Dimension dimension, double min, double max) const;

  /// A map to read keys from; reports it if this is anything else.
  YamlMap map() const;
  std::vector<YamlValue> list(std::size_t min_items, std::size_t max_items) const;

 private:
  friend class YamlMap;
  YamlValue(const YamlNode* node, std::string path, Diagnostics& wrong)
      : node_(node), path_(std::move(path)), wrong_(&wrong) {}
  /// The scalar's text, or none after reporting "must be <type>".
  const std::string* scalar(const char* type, bool quoted_too) const;

  const YamlNode* node_;
  std::string path_;
  Diagnostics* wrong_;
};

/// The keys of one map. When it ends, keys nobody asked for are reported.
class YamlMap {
 public:
  YamlMap(const YamlMap&) = delete;
  YamlMap& operator=(const YamlMap&) = delete;
  ~YamlMap() { finish(); }

  /// The value of a key that must be there; reports it if it is missing.
  YamlValue required(std::string_view key);
  YamlValue optional(std::string_view key);
  bool has(std::string_view key) const;
  /// All keys with their values, in order: for maps whose keys the user invents.
  std::vector<std::pair<std::string, YamlValue>> entries();
  /// Reports a mistake of the map as a whole.
  void error(std::string what, std::string got = {}, std::string allowed = {}) const;
  SourceMark mark() const { return self_.mark(); }
  /// Reports unknown keys now instead of at the end of the scope.
  void finish();

 private:
  friend class YamlValue;
  explicit YamlMap(YamlValue self) : self_(std::move(self)) {}
  std::string child_path(std::string_view key) const;

  YamlValue self_;  ///< absent if it was no map: everything in it is absent, nothing is reported
  std::vector<std::string> known_;
  bool finished_ = false;
};

}  // namespace mixpe
