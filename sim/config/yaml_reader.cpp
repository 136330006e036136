#include "sim/config/yaml_reader.h"

#include <algorithm>
#include <numeric>

#include "sim/config/unit_table.h"

namespace mixpe {
namespace {

/// Longer texts are cut in messages.
constexpr std::size_t kShownCharacters = 60;

std::string between(std::int64_t min, std::int64_t max) {
  return std::to_string(min) + ".." + std::to_string(max);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  // A third of the letters may be wrong; shorter words may have one wrong letter.
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string s;
  for (const std::string& word : words) s += (s.empty() ? "" : ", ") + word;
  return s;
}

void YamlValue::error(std::string what, std::string got, std::string allowed) const {
  wrong_->add({mark(), path_, std::move(what), std::move(got), std::move(allowed)});
}

YamlValue YamlValue::place(std::string_view path) const {
  const YamlNode* node = node_;
  for (std::size_t begin = 0; node && begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const YamlNode* next = node->find(path.substr(begin, end - begin));
    if (!next) break;
    node = next;
    begin = end + 1;
  }
  return {node, path_.empty() ? std::string(path) : path_ + "." + std::string(path), *wrong_};
}

std::string YamlValue::written() const {
  if (!node_) return "nothing";
  switch (node_->kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kInvalid:
      return "an alias";
    case YamlNode::Kind::kScalar:
      break;
  }
  std::string shown = node_->scalar.substr(0, kShownCharacters);
  if (shown.size() < node_->scalar.size()) shown += "...";
  return node_->quoted ? "\"" + shown + "\"" : shown;
}

const std::string* YamlValue::scalar(const char* type, bool quoted_too) const {
  if (!node_ || node_->kind == YamlNode::Kind::kInvalid) return nullptr;
  if (is_scalar() && (quoted_too || !node_->quoted)) return &node_->scalar;
  error(std::string("must be ") + type, written());
  return nullptr;
}

std::optional<std::int64_t> YamlValue::integer(std::int64_t min, std::int64_t max) const {
  const std::string* text = scalar("a whole number", false);
  if (!text) return std::nullopt;
  std::string why;
  const auto value = strict_integer(*text, why);
  if (!value) {
    error("must be a whole number: " + why, written(), between(min, max));
  } else if (*value < min || *value > max) {
    error("out of range", written(), between(min, max));
    return std::nullopt;
  }
  return value;
}

std::optional<double> YamlValue::real(double min, double max) const {
  const std::string* text = scalar("a number", false);
  if (!text) return std::nullopt;
  const std::string allowed = number_text(min) + ".." + number_text(max);
  std::string why;
  const auto value = strict_real(*text, why);
  if (!value) {
    error("must be a number: " + why, written(), allowed);
  } else if (*value < min || *value > max) {
    error("out of range", written(), allowed);
    return std::nullopt;
  }
  return value;
}

std::optional<bool> YamlValue::boolean() const {
  const std::string* text = scalar("true or false", false);
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  error("must be true or false", written());
  return std::nullopt;
}

std::optional<std::string> YamlValue::text() const {
  const std::string* text = scalar("text", true);
  if (!text) return std::nullopt;
  if (text->empty()) {
    error("must not be empty");
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> YamlValue::choice(const std::vector<std::string>& allowed) const {
  const std::string* text = scalar("one of a few words", true);
  if (!text) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), *text) != allowed.end()) return *text;
  const std::string near = nearest(*text, allowed);
  error("unknown value" + (near.empty() ? "" : " (did you mean '" + near + "'?)"), written(),
        joined(allowed));
  return std::nullopt;
}

std::optional<std::int64_t> YamlValue::quantity(Dimension dimension, std::int64_t min,
                                                std::int64_t max) const {
  const std::string* text = scalar("a quantity with its unit", true);
  if (!text) return std::nullopt;
  std::string why;
  const auto split = split_quantity(*text, dimension, why);
  if (!split) {
    error("must be a quantity: " + why, written(), "units " + allowed_units(dimension));
    return std::nullopt;
  }
  const auto amount = exact_amount(*split, why);
  const std::string range = quantity_text(min, dimension) + ".." + quantity_text(max, dimension);
  if (!amount) {
    error("must be a quantity: " + why, written(), range);
  } else if (*amount < min || *amount > max) {
    error("out of range", written(), range);
    return std::nullopt;
  }
  return amount;
}

std::optional<double> YamlValue::real_quantity(Dimension dimension, double min, double max) const {
  const std::string* text = scalar("a quantity with its unit", true);
  if (!text) return std::nullopt;
  std::string why;
  const auto split = split_quantity(*text, dimension, why);
  if (!split) {
    error("must be a quantity: " + why, written(), "units " + allowed_units(dimension));
    return std::nullopt;
  }
  const auto number = strict_real(split->number, why);
  if (!number) {
    error("must be a quantity: " + why, written());
    return std::nullopt;
  }
  const double amount =
      *number * static_cast<double>(split->unit->num) / static_cast<double>(split->unit->den);
  if (!(amount >= min && amount <= max)) {
    error("out of range", written(),
          quantity_text(min, dimension) + ".." + quantity_text(max, dimension));
    return std::nullopt;
  }
  return amount;
}

YamlMap YamlValue::map() const {
  if (node_ && node_->kind == YamlNode::Kind::kMap) return YamlMap(*this);
  if (node_ && node_->kind != YamlNode::Kind::kInvalid) error("must be a map", written());
  return YamlMap(YamlValue(nullptr, path_, *wrong_));
}

std::vector<YamlValue> YamlValue::list(std::size_t min_items, std::size_t max_items) const {
  std::vector<YamlValue> values;
  if (!node_ || node_->kind == YamlNode::Kind::kInvalid) return values;
  if (!is_list()) {
    error("must be a list", written());
    return values;
  }
  const std::size_t size = node_->items.size();
  if (size < min_items || size > max_items) {
    error("wrong number of items", std::to_string(size),
          between(static_cast<std::int64_t>(min_items), static_cast<std::int64_t>(max_items)));
  }
  for (std::size_t i = 0; i < size; ++i) {
    values.push_back(YamlValue(&node_->items[i], path_ + "[" + std::to_string(i) + "]", *wrong_));
  }
  return values;
}

std::string YamlMap::child_path(std::string_view key) const {
  return self_.path().empty() ? std::string(key) : self_.path() + "." + std::string(key);
}

YamlValue YamlMap::optional(std::string_view key) {
  known_.emplace_back(key);
  return {self_.present() ? self_.node().find(key) : nullptr, child_path(key), *self_.wrong_};
}

YamlValue YamlMap::required(std::string_view key) {
  YamlValue value = optional(key);
  if (self_.present() && !value.present()) {
    self_.wrong_->add({self_.mark(), child_path(key), "missing key", {}, {}});
  }
  return value;
}

bool YamlMap::has(std::string_view key) const {
  return self_.present() && self_.node().find(key) != nullptr;
}

std::vector<std::pair<std::string, YamlValue>> YamlMap::entries() {
  std::vector<std::pair<std::string, YamlValue>> all;
  finished_ = true;  // every key is known
  if (!self_.present()) return all;
  const YamlNode& node = self_.node();
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i].name;
    all.emplace_back(key, YamlValue(&node.items[i], child_path(key), *self_.wrong_));
  }
  return all;
}

void YamlMap::error(std::string what, std::string got, std::string allowed) const {
  self_.error(std::move(what), std::move(got), std::move(allowed));
}

void YamlMap::finish() {
  if (finished_ || !self_.present()) return;
  finished_ = true;
  const YamlNode& node = self_.node();
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlNode::Key& key = node.keys[i];
    if (std::find(known_.begin(), known_.end(), key.name) != known_.end()) continue;
    const std::string near = nearest(key.name, known_);
    const SourceMark at{*node.items[i].file, key.line, key.column};
    self_.wrong_->add({at,
                       child_path(key.name),
                       "unknown key" + (near.empty() ? "" : " (did you mean '" + near + "'?)"),
                       {},
                       joined(known_)});
  }
}

}  // namespace mixpe
