#include "sim/characterize/liberty_text.h"

#include <fmt/format.h>

#include <cctype>

#include "models/core/errors.h"

namespace mixpe {
namespace {

constexpr std::string_view kPunctuation = "(){}:;,";

class LibertyParser {
 public:
  LibertyParser(const std::string& file, std::string_view text) : file_(file), text_(text) {
    advance();
  }

  LibertyGroup run() {
    LibertyGroup top;
    if (token_ == "library") statement(top);
    if (top.groups.size() != 1) {
      fail(1, "is no Liberty file: it must begin with library (NAME) {");
    }
    return std::move(top.groups.front());
  }

 private:
  [[noreturn]] void fail(int line, const std::string& what) const {
    throw UserError(fmt::format("{}:{}: {}", file_, line, what));
  }

  bool at_end() const { return at_ >= text_.size(); }
  char here(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void step() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }

  /// Spaces, comments and the backslashes that continue lines.
  void skip() {
    while (!at_end()) {
      if (std::isspace(static_cast<unsigned char>(here())) != 0 || here() == '\\') {
        step();
      } else if (here() == '/' && here(1) == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) fail(line_, "a comment does not end");
        while (at_ < end + 2) step();
      } else if (here() == '/' && here(1) == '/') {
        while (!at_end() && here() != '\n') step();
      } else {
        return;
      }
    }
  }

  /// token_: punctuation, a word, or a string; empty at the end of the text.
  void advance() {
    skip();
    token_.clear();
    token_line_ = line_;
    quoted_ = false;
    if (at_end()) return;
    if (here() == '"') return advance_string();
    if (kPunctuation.find(here()) != std::string_view::npos) {
      token_ = here();
      step();
      return;
    }
    while (!at_end() && std::isspace(static_cast<unsigned char>(here())) == 0 && here() != '"' &&
           kPunctuation.find(here()) == std::string_view::npos && here() != '\\') {
      token_ += here();
      step();
    }
  }

  void advance_string() {
    quoted_ = true;
    step();
    while (!at_end() && here() != '"') {
      if (here() == '\\' && (here(1) == '\n' || here(1) == '\r')) {
        token_ += ' ';
      } else if (here() != '\n' && here() != '\r') {
        token_ += here();
      }
      step();
    }
    if (at_end()) fail(token_line_, "a string does not end");
    step();
    if (token_.empty()) token_ = " ";  // an empty string is no end of text
  }

  bool is(char c) const { return !quoted_ && token_.size() == 1 && token_[0] == c; }
  void must_be(char c, const std::string& where) {
    if (token_.empty()) fail(line_, fmt::format("the file ends inside {}", where));
    if (!is(c)) fail(token_line_, fmt::format("{} lacks '{}' before '{}'", where, c, token_));
    advance();
  }

  /// `name : value ;`, `name (values) ;` or `name (names) { … }`.
  void statement(LibertyGroup& into) {
    const std::string name = token_;
    const int line = token_line_;
    advance();
    if (is(':')) {
      advance();
      LibertyGroup::Attribute attribute{name, {std::string()}};
      // A value may be an expression of several words; some writers leave out the semicolon.
      while (!is(';') && !is('}') && !token_.empty() && (token_line_ == line || quoted_)) {
        std::string& value = attribute.values.front();
        value += (value.empty() ? "" : " ") + token_;
        advance();
      }
      if (is(';')) advance();
      into.attributes.push_back(std::move(attribute));
      return;
    }
    must_be('(', name);
    std::vector<std::string> values;
    while (!is(')')) {
      if (token_.empty())
        fail(line_, fmt::format("the file ends inside {} of line {}", name, line));
      if (!is(',')) values.push_back(token_);
      advance();
    }
    advance();
    if (!is('{')) {
      if (is(';')) advance();
      into.attributes.push_back({name, std::move(values)});
      return;
    }
    advance();
    LibertyGroup group{name, std::move(values), {}, {}, line};
    while (!is('}')) {
      if (token_.empty()) {
        fail(line_, fmt::format("the file ends inside {} ({}), which begins in line {}", name,
                                group.name(), line));
      }
      if (is(';')) {
        advance();
      } else {
        statement(group);
      }
    }
    advance();
    into.groups.push_back(std::move(group));
  }

  const std::string& file_;
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1, token_line_ = 1;
  std::string token_;
  bool quoted_ = false;
};

}  // namespace

const std::vector<std::string>& LibertyGroup::values(std::string_view attribute) const {
  static const std::vector<std::string> none;
  for (const Attribute& a : attributes) {
    if (a.name == attribute) return a.values;
  }
  return none;
}

std::string LibertyGroup::text(std::string_view attribute) const {
  const std::vector<std::string>& all = values(attribute);
  return all.empty() ? std::string() : all.front();
}

LibertyGroup parse_liberty_text(const std::string& file, std::string_view text) {
  return LibertyParser(file, text).run();
}

}  // namespace mixpe
