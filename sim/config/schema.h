#pragma once
// A key of a configuration file is declared once: name, where it goes, type, unit, range, need,
// doc. Reading it, its default, its line in docs/configuration.md and its place in the resolved
// configuration of a result all come from that one line.
//  * The default of an optional key is what a T{} holds.
//  * dump() writes what read() reads: loading a dumped configuration gives the same T. Keys
//  declared
//    without a Dump are for files that are only read.
//
//   const Schema<BufferSpec> buffer = Schema<BufferSpec>()
//       .quantity("size", &BufferSpec::bytes, Dimension::kBytes, 1, kGiB, Need::kRequired, "…")
//       .integer("banks", &BufferSpec::banks, 1, 1024, Need::kOptional, "…");
//   buffer.read(value, spec);

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/yaml_reader.h"

namespace mixpe {

enum class Need { kRequired, kOptional };

/// A key's line in the reference.
struct ReferenceRow {
  std::string key;       ///< dotted path; a list's items are `key[]`, an invented key is `<name>`
  std::string type;      ///< "integer", "quantity (B, KiB, …)", …
  std::string allowed;   ///< range or words; may be empty
  std::string fallback;  ///< default; "required" if there is none
  std::string doc;
};

/// The rows of a nested map, their keys as seen from outside it.
inline std::vector<ReferenceRow> rows_below(const std::string& prefix,
                                            std::vector<ReferenceRow> rows) {
  for (ReferenceRow& row : rows) row.key = prefix + "." + row.key;
  return rows;
}

template <class T>
class Schema {
 public:
  using Json = nlohmann::ordered_json;  // keeps the order of declaration
  using Read = std::function<void(const YamlValue&, T&)>;
  using Dump = std::function<Json(const T&)>;  // a null Json: the key is left out
  using Applies = std::function<bool(const T&)>;

  template <class I>
  Schema& integer(std::string key, I T::*member, std::int64_t min, std::int64_t max, Need need,
                  std::string doc) {
    return custom(
        {std::move(key),
         "integer",
         std::to_string(min) + ".." + std::to_string(max),
         {},
         std::move(doc)},
        need,
        [=](const YamlValue& at, T& into) {
          if (const auto v = at.integer(min, max)) into.*member = static_cast<I>(*v);
        },
        [=](const T& from) { return Json(from.*member); });
  }

  Schema& real(std::string key, double T::*member, double min, double max, Need need,
               std::string doc) {
    return custom(
        {std::move(key), "number", number_text(min) + ".." + number_text(max), {}, std::move(doc)},
        need,
        [=](const YamlValue& at, T& into) {
          if (const auto v = at.real(min, max)) into.*member = *v;
        },
        [=](const T& from) { return Json(from.*member); });
  }

  /// A number above zero: zero would be a part for free.
  Schema& positive(std::string key, double T::*member, double max, Need need, std::string doc) {
    return custom(
        {std::move(key), "number", "more than 0, up to " + number_text(max), {}, std::move(doc)},
        need,
        [=](const YamlValue& at, T& into) {
          const auto v = at.real(0, max);
          if (v && *v <= 0) at.error("must be more than zero", at.written());
          into.*member = v.value_or(into.*member);
        },
        [=](const T& from) { return from.*member > 0 ? Json(from.*member) : Json(); });
  }

  Schema& boolean(std::string key, bool T::*member, Need need, std::string doc) {
    return custom(
        {std::move(key), "boolean", "true, false", {}, std::move(doc)}, need,
        [=](const YamlValue& at, T& into) {
          if (const auto v = at.boolean()) into.*member = *v;
        },
        [=](const T& from) { return Json(from.*member); });
  }

  Schema& text(std::string key, std::string T::*member, Need need, std::string doc) {
    return custom(
        {std::move(key), "text", {}, {}, std::move(doc)}, need,
        [=](const YamlValue& at, T& into) {
          if (const auto v = at.text()) into.*member = *v;
        },
        [=](const T& from) { return (from.*member).empty() ? Json() : Json(from.*member); });
  }

  /// One of a few words, each standing for a value.
  template <class E>
  Schema& choice(std::string key, E T::*member, std::vector<std::pair<std::string, E>> words,
                 Need need, std::string doc) {
    std::vector<std::string> names;
    for (const auto& word : words) names.push_back(word.first);
    return custom(
        {std::move(key), "choice", joined(names), {}, std::move(doc)}, need,
        [=](const YamlValue& at, T& into) {
          const auto chosen = at.choice(names);
          for (const auto& [name, value] : words) {
            if (chosen && *chosen == name) into.*member = value;
          }
        },
        [=](const T& from) {
          for (const auto& [name, value] : words) {
            if (from.*member == value) return Json(name);
          }
          return Json();
        });
  }

  /// A whole number of base units.
  Schema& quantity(std::string key, std::int64_t T::*member, Dimension dimension, std::int64_t min,
                   std::int64_t max, Need need, std::string doc) {
    return custom(
        {std::move(key),
         "quantity (" + allowed_units(dimension) + ")",
         quantity_text(min, dimension) + ".." + quantity_text(max, dimension),
         {},
         std::move(doc)},
        need,
        [=](const YamlValue& at, T& into) {
          if (const auto v = at.quantity(dimension, min, max)) into.*member = *v;
        },
        [=](const T& from) { return Json(quantity_text(from.*member, dimension)); });
  }

  /// Any number of base units.
  Schema& quantity(std::string key, double T::*member, Dimension dimension, double min, double max,
                   Need need, std::string doc) {
    return custom(
        {std::move(key),
         "quantity (" + allowed_units(dimension) + ")",
         quantity_text(min, dimension) + ".." + quantity_text(max, dimension),
         {},
         std::move(doc)},
        need,
        [=](const YamlValue& at, T& into) {
          if (const auto v = at.real_quantity(dimension, min, max)) into.*member = *v;
        },
        [=](const T& from) { return Json(quantity_text(from.*member, dimension)); });
  }

  /// A map of its own that fills a member. `listed_at`: the key, if any, below which the reference
  /// has the rows of the same map already.
  template <class U>
  Schema& object(std::string key, U T::*member, Schema<U> inner, Need need, std::string doc,
                 const std::string& listed_at = {}) {
    const std::string type = listed_at.empty() ? "map" : "map, keys as of `" + listed_at + "`";
    const auto rows =
        listed_at.empty() ? rows_below(key, inner.describe()) : std::vector<ReferenceRow>();
    return custom(
        {std::move(key), type, {}, {}, std::move(doc)}, need,
        [=](const YamlValue& at, T& into) { inner.read(at, into.*member); },
        [=](const T& from) { return inner.dump(from.*member); }, rows);
  }

  /// A map that fills this same T: it only groups keys.
  Schema& group(std::string key, Schema<T> inner, Need need, std::string doc) {
    const auto rows = rows_below(key, inner.describe());
    return custom(
        {std::move(key), "map", {}, {}, std::move(doc)}, need,
        [=](const YamlValue& at, T& into) { inner.read(at, into); },
        [=](const T& from) { return inner.dump(from); }, rows);
  }

  /// Keys of a member that stand in this same map.
  template <class U>
  Schema& include(U T::*member, Schema<U> inner) {
    rows_.insert(rows_.end(), inner.describe().begin(), inner.describe().end());
    fields_.push_back({[=](YamlMap& map, T& into) { inner.read(map, into.*member); },
                       [=](const T& from, Json& all) { all.update(inner.dump(from.*member)); }});
    return *this;
  }

  /// Keys that exist only where the keys declared before say so; unknown keys elsewhere.
  /// `condition` is `applies` in words: "`kind: vit`".
  Schema& only_if(const std::string& condition, Applies applies, Schema<T> inner) {
    for (ReferenceRow row : inner.describe()) {
      row.doc = condition + ": " + row.doc;
      rows_.push_back(std::move(row));
    }
    fields_.push_back({[=](YamlMap& map, T& into) {
                         if (applies(into)) inner.read(map, into);
                       },
                       [=](const T& from, Json& all) {
                         if (applies(from)) all.update(inner.dump(from));
                       }});
    return *this;
  }

  template <class U>
  Schema& list(std::string key, std::vector<U> T::*member, Schema<U> item, std::size_t min_items,
               std::size_t max_items, Need need, std::string doc) {
    const auto rows = rows_below(key + "[]", item.describe());
    return custom(
        {std::move(key),
         "list",
         std::to_string(min_items) + ".." + std::to_string(max_items) + " items",
         {},
         std::move(doc)},
        need,
        [=](const YamlValue& at, T& into) {
          (into.*member).clear();
          for (const YamlValue& value : at.list(min_items, max_items)) {
            item.read(value, (into.*member).emplace_back());
          }
        },
        [=](const T& from) {
          Json all = Json::array();
          for (const U& u : from.*member) all.push_back(item.dump(u));
          return all;
        },
        rows);
  }

  /// A map whose keys the user invents.
  template <class U>
  Schema& map_of(std::string key, std::map<std::string, U> T::*member, Schema<U> value, Need need,
                 std::string doc) {
    const auto rows = rows_below(key + ".<name>", value.describe());
    return custom(
        {std::move(key), "map", {}, {}, std::move(doc)}, need,
        [=](const YamlValue& at, T& into) {
          (into.*member).clear();
          for (const auto& [name, inner] : at.map().entries()) {
            value.read(inner, (into.*member)[name]);
          }
        },
        [=](const T& from) {
          Json all = Json::object();
          for (const auto& [name, u] : from.*member) all[name] = value.dump(u);
          return all;
        },
        rows);
  }

  /// A key whose reading needs more than the above. `row.fallback` is filled from a T{};
  /// `inner` are the rows of the keys below it.
  Schema& custom(
      ReferenceRow row, Need need, Read read, Dump dump = [](const T&) { return Json(); },
      const std::vector<ReferenceRow>& inner = {}) {
    if (need == Need::kRequired) {
      row.fallback = "required";
    } else if (const Json json = dump(T{}); !json.is_structured() && !json.is_null()) {
      row.fallback = json.is_string() ? json.template get<std::string>() : json.dump();
    }
    const std::string key = row.key;
    fields_.push_back({[=](YamlMap& map, T& into) {
                         const YamlValue value =
                             need == Need::kRequired ? map.required(key) : map.optional(key);
                         if (value.present()) read(value, into);
                       },
                       [=](const T& from, Json& all) {
                         Json value = dump(from);
                         if (!value.is_null()) all[key] = std::move(value);
                       }});
    rows_.push_back(std::move(row));
    rows_.insert(rows_.end(), inner.begin(), inner.end());
    return *this;
  }

  /// Fills `into` from the map at `at`; keys that are not declared are errors.
  void read(const YamlValue& at, T& into) const {
    YamlMap map = at.map();
    read(map, into);
  }
  void read(YamlMap& map, T& into) const {
    for (const Field& field : fields_) field.read(map, into);
  }

  /// The resolved configuration, in the order of declaration.
  Json dump(const T& from) const {
    Json all = Json::object();
    for (const Field& field : fields_) field.dump(from, all);
    return all;
  }

  const std::vector<ReferenceRow>& describe() const { return rows_; }

 private:
  /// A key, or several keys of the same map.
  struct Field {
    std::function<void(YamlMap&, T&)> read;
    std::function<void(const T&, Json&)> dump;
  };

  std::vector<Field> fields_;
  std::vector<ReferenceRow> rows_;
};

}  // namespace mixpe
