// From text to YamlNode: yaml-cpp finds the events, we build the tree and refuse what is ambiguous.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace {

/// Ends the parse after a mistake beyond which there is nothing to read.
struct StopParsing {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const std::string> file, Diagnostics& wrong)
      : file_(std::move(file)), wrong_(wrong) {}

  bool has_root() const { return has_root_; }
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (has_root_) stop(mark, "a second document in one file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(make(mark, YamlNode::Kind::kNull));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report(mark, "aliases are not supported: write the value out");
    add(make(mark, YamlNode::Kind::kInvalid));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node = make(mark, YamlNode::Kind::kScalar);
    node.scalar = value;
    node.quoted = tag == "!";  // yaml-cpp's tag of quoted scalars; plain ones have "?"
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map under construction.
  struct Open {
    YamlNode node;
    bool expects_key = true;  ///< maps: keys and values alternate
    bool drop_value = false;  ///< the value of a key that was refused
    std::map<std::string, int> line_of_key;
  };

  YamlNode make(const YAML::Mark& mark, YamlNode::Kind kind) const {
    YamlNode node;
    node.kind = kind;
    node.file = file_;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }
  void report(const YAML::Mark& mark, std::string what) {
    wrong_.add({{*file_, mark.line + 1, mark.column + 1}, {}, std::move(what), {}, {}});
  }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string what) {
    report(mark, std::move(what));
    throw StopParsing{};
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) report(mark, "anchors are not supported: write the value out");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") report(mark, "tags are not supported");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (stack_.size() >= static_cast<std::size_t>(kMaxYamlDepth)) {
      stop(mark, "nested deeper than " + std::to_string(kMaxYamlDepth) + " levels");
    }
    Open opened;
    opened.node = make(mark, kind);
    stack_.push_back(std::move(opened));
  }
  void close() {
    YamlNode done = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(done));
  }

  void add(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      has_root_ = true;
      return;
    }
    Open& top = stack_.back();
    if (top.node.kind == YamlNode::Kind::kMap && top.expects_key) {
      add_key(top, node);
    } else if (top.drop_value) {
      top.drop_value = false;
    } else {
      if (node.kind == YamlNode::Kind::kNull && !top.node.keys.empty()) {
        // yaml-cpp places "nothing" at what comes next; its key is what the user looks for.
        node.line = top.node.keys.back().line;
        node.column = top.node.keys.back().column;
      }
      top.node.items.push_back(std::move(node));
    }
    if (top.node.kind == YamlNode::Kind::kMap) top.expects_key = !top.expects_key;
  }
  void add_key(Open& map, const YamlNode& key) {
    const auto refuse = [&](std::string what, std::string path) {
      wrong_.add({key.mark(), std::move(path), std::move(what), {}, {}});
      map.drop_value = true;
    };
    if (key.kind == YamlNode::Kind::kInvalid) {
      map.drop_value = true;
    } else if (key.kind != YamlNode::Kind::kScalar || key.scalar.empty()) {
      refuse("a key must be a word", {});
    } else if (key.scalar == "<<" && !key.quoted) {
      refuse("merge keys are not supported: write the values out", {});
    } else if (const auto [first, added] = map.line_of_key.emplace(key.scalar, key.line); !added) {
      refuse("duplicate key, first on line " + std::to_string(first->second), key_path(key.scalar));
    } else {
      map.node.keys.push_back({key.scalar, key.line, key.column});
    }
  }
  /// Where the parse is, as a dotted path ending in `key`.
  std::string key_path(const std::string& key) const {
    std::string path;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const YamlNode& node = stack_[i].node;
      if (node.kind == YamlNode::Kind::kList) {
        path.append("[").append(std::to_string(node.items.size())).append("]");
      } else {
        path.append(path.empty() ? "" : ".")
            .append(node.keys.empty() ? "?" : node.keys.back().name);
      }
    }
    return path.append(path.empty() ? "" : ".").append(key);
  }

  std::shared_ptr<const std::string> file_;
  Diagnostics& wrong_;
  std::vector<Open> stack_;
  YamlNode root_;
  bool has_root_ = false;
};

/// What yaml-cpp lets pass: tabs as indentation and control characters.
bool refuse_bytes(const std::string& name, std::string_view text, Diagnostics& wrong) {
  const std::size_t before = wrong.list().size();
  int line = 1, column = 1;
  bool indentation = true, tab_reported = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      ++line;
      column = 1;
      indentation = true;
      tab_reported = false;
      continue;
    }
    if (c == '\t' && indentation && !tab_reported) {
      wrong.add({{name, line, column}, {}, "a tab in the indentation: use spaces", {}, {}});
      tab_reported = true;
    } else if (byte < 0x20 && c != '\t' && c != '\r') {
      wrong.add({{name, line, column}, {}, "a control character: this is no text file", {}, {}});
      return true;
    }
    indentation = indentation && (c == ' ' || c == '\t');
    ++column;
  }
  return wrong.list().size() != before;
}

void report_file(const std::string& path, std::string what, Diagnostics& wrong) {
  wrong.add({{path, 0, 0}, {}, std::move(what), {}, {}});
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].name == key) return &items[i];
  }
  return nullptr;
}

std::optional<std::string> read_text_file(const std::string& path, Diagnostics& wrong) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    report_file(path, "is a directory, not a file", wrong);
    return std::nullopt;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) {
    report_file(path, std::string("cannot be read: ") + std::strerror(errno), wrong);
    return std::nullopt;
  }
  std::string text;
  char block[1 << 16];
  std::size_t got = 0;
  while ((got = std::fread(block, 1, sizeof block, file.get())) > 0) {
    text.append(block, got);
    if (text.size() > static_cast<std::size_t>(kMaxTextBytes)) {
      report_file(path, "is larger than " + quantity_text(kMaxTextBytes, Dimension::kBytes), wrong);
      return std::nullopt;
    }
  }
  if (std::ferror(file.get())) {
    report_file(path, std::string("cannot be read: ") + std::strerror(errno), wrong);
    return std::nullopt;
  }
  if (text.empty()) {
    report_file(path, "is empty", wrong);
    return std::nullopt;
  }
  return text;
}

std::optional<YamlNode> parse_yaml(const std::string& name, std::string_view text,
                                   Diagnostics& wrong) {
  if (text.size() > static_cast<std::size_t>(kMaxTextBytes)) {
    report_file(name, "is larger than " + quantity_text(kMaxTextBytes, Dimension::kBytes), wrong);
    return std::nullopt;
  }
  if (refuse_bytes(name, text, wrong)) return std::nullopt;
  std::istringstream in{std::string(text)};
  TreeBuilder builder(std::make_shared<const std::string>(name), wrong);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopParsing&) {
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    wrong.add({{name, e.mark.line + 1, e.mark.column + 1}, {}, "not YAML: " + e.msg, {}, {}});
    return std::nullopt;
  }
  YamlNode root = builder.take_root();
  if (!builder.has_root() || root.kind == YamlNode::Kind::kNull) {
    report_file(name, "is empty", wrong);
    return std::nullopt;
  }
  return root;
}

std::optional<YamlNode> load_yaml(const std::string& path, Diagnostics& wrong) {
  const auto text = read_text_file(path, wrong);
  return text ? parse_yaml(path, *text, wrong) : std::nullopt;
}

void override_yaml(YamlNode& root, std::string_view path, std::string_view value,
                   const std::string& origin, Diagnostics& wrong) {
  const std::string name = origin + " " + std::string(path);
  auto parsed = parse_yaml(name, value, wrong);
  if (!parsed) return;
  parsed->line = parsed->column = 0;  // the value has no file to point into
  YamlNode* at = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key(path.substr(begin, end - begin));
    begin = end + 1;
    if (at->kind == YamlNode::Kind::kList) {
      std::string why;
      const auto index = strict_integer(key, why);
      const auto size = static_cast<std::int64_t>(at->items.size());
      if (!index || *index < 0 || *index >= size) {
        wrong.add(
            {{name, 0, 0}, {}, "no such item of the list", key, "0.." + std::to_string(size - 1)});
        return;
      }
      at = &at->items[static_cast<std::size_t>(*index)];
      continue;
    }
    if (key.empty() || at->kind != YamlNode::Kind::kMap) {
      report_file(name, key.empty() ? "an empty part in the path" : "goes through no map", wrong);
      return;
    }
    std::size_t i = 0;
    while (i < at->keys.size() && at->keys[i].name != key) ++i;
    if (i == at->keys.size()) {
      YamlNode child;
      child.kind = YamlNode::Kind::kMap;
      child.file = parsed->file;
      at->keys.push_back({key, 0, 0});
      at->items.push_back(std::move(child));
    }
    at = &at->items[i];
  }
  *at = std::move(*parsed);
}

}  // namespace mixpe
