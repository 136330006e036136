#include "sim/sweep/expression.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/config/unit_table.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace {

constexpr std::array kDimensions = {Dimension::kBytes,
                                    Dimension::kBits,
                                    Dimension::kHertz,
                                    Dimension::kBytesPerSecond,
                                    Dimension::kCycles,
                                    Dimension::kPicoseconds,
                                    Dimension::kPicojoules,
                                    Dimension::kPicojoulesPerBit,
                                    Dimension::kVolts,
                                    Dimension::kMicrowatts,
                                    Dimension::kSquareMicrometres};
constexpr int kMaxDepth = 100;            // parentheses within parentheses
constexpr double kExactInteger = 0x1p53;  // whole doubles up to here are exact

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_name(char c) { return starts_name(c) || is_digit(c) || c == '.'; }

/// The longest unit that `text` starts with, as a factor to its base.
struct FoundUnit {
  std::size_t length = 0;
  double factor = 1;
  std::string base;
};
FoundUnit find_unit(std::string_view text) {
  FoundUnit found;
  for (const Dimension d : kDimensions) {
    for (const Unit& unit : units_of(d)) {
      const std::string_view name(unit.name);
      const bool ends =
          text.size() == name.size() || (text.size() > name.size() && !in_name(text[name.size()]));
      if (text.starts_with(name) && ends && name.size() > found.length) {
        found = {name.size(), static_cast<double>(unit.num) / static_cast<double>(unit.den),
                 units_of(d).front().name};
      }
    }
  }
  return found;
}

/// Digits, point and exponent at the start of `text`.
std::size_t number_length(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && (is_digit(text[i]) || text[i] == '.')) ++i;
  if (i > 0 && i + 1 < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    std::size_t exponent = i + 1;
    if (text[exponent] == '-' || text[exponent] == '+') ++exponent;
    if (exponent < text.size() && is_digit(text[exponent])) {
      for (i = exponent; i < text.size() && is_digit(text[i]);) ++i;
    }
  }
  return i;
}

std::string with_unit(const Amount& a) { return a.unit.empty() ? "a plain number" : a.unit; }

}  // namespace

struct Expression::Node {
  std::string op;  ///< "number", "name", "neg", an operator or a function
  Amount number;
  std::string name;
  std::vector<std::shared_ptr<const Node>> arguments;
};

namespace {

using NodePtr = std::shared_ptr<const Expression::Node>;

class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>& names) : text_(text), names_(names) {}

  NodePtr parse(bool& comparison) {
    NodePtr left = sum();
    // Longer operators first: `<` starts `<=`.
    for (const char* op : {"<=", ">=", "==", "!=", "<", ">"}) {
      if (!take(op)) continue;
      comparison = true;
      left = node(op, {left, sum()});
      break;
    }
    skip_spaces();
    if (at_ < text_.size()) fail("unexpected '" + std::string(text_.substr(at_, 1)) + "'");
    return left;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ExpressionError{what + " at character " + std::to_string(at_ + 1)};
  }
  static NodePtr node(std::string op, std::vector<NodePtr> arguments) {
    auto n = std::make_shared<Expression::Node>();
    n->op = std::move(op);
    n->arguments = std::move(arguments);
    return n;
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(std::string_view token) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  NodePtr sum() {
    NodePtr left = product();
    for (;;) {
      if (take("+")) {
        left = node("+", {left, product()});
      } else if (take("-")) {
        left = node("-", {left, product()});
      } else {
        return left;
      }
    }
  }
  NodePtr product() {
    NodePtr left = factor();
    for (;;) {
      if (take("*")) {
        left = node("*", {left, factor()});
      } else if (take("/")) {
        left = node("/", {left, factor()});
      } else {
        return left;
      }
    }
  }
  NodePtr factor() {
    if (++depth_ > kMaxDepth) fail("nested too deeply");
    NodePtr result;
    if (take("-")) {
      result = node("neg", {factor()});
    } else if (take("(")) {
      result = sum();
      if (!take(")")) fail("')' is missing");
    } else {
      result = leaf();
    }
    --depth_;
    return result;
  }
  NodePtr leaf() {
    skip_spaces();
    if (at_ == text_.size()) fail("a number or a name is missing");
    if (is_digit(text_[at_])) return number();
    if (starts_name(text_[at_])) return name();
    fail("unexpected '" + std::string(text_.substr(at_, 1)) + "'");
  }
  NodePtr number() {
    const std::size_t length = number_length(text_.substr(at_));
    std::string why;
    const auto value = strict_real(text_.substr(at_, length), why);
    if (!value) fail("not a number: " + why);
    at_ += length;
    skip_spaces();
    const FoundUnit unit = find_unit(text_.substr(at_));
    at_ += unit.length;
    auto n = std::make_shared<Expression::Node>();
    n->op = "number";
    n->number = {*value * unit.factor, unit.base};
    return n;
  }
  NodePtr name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    const bool binary = word == "min" || word == "max";
    const bool unary = word == "floor" || word == "ceil" || word == "log2";
    if ((binary || unary) && take("(")) {
      std::vector<NodePtr> arguments{sum()};
      if (binary) {
        if (!take(",")) fail("',' is missing: " + word + " takes two");
        arguments.push_back(sum());
      }
      if (!take(")")) fail("')' is missing");
      return node(word, std::move(arguments));
    }
    if (std::find(names_.begin(), names_.end(), word) == names_.end()) names_.push_back(word);
    auto n = std::make_shared<Expression::Node>();
    n->op = "name";
    n->name = word;
    return n;
  }

  std::string_view text_;
  std::vector<std::string>& names_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Amount product_of(const std::string& op, const Amount& a, const Amount& b) {
  if (op == "*") {
    if (!a.unit.empty() && !b.unit.empty()) {
      throw ExpressionError{"a product of two units, " + a.unit + " and " + b.unit};
    }
    return {a.value * b.value, a.unit + b.unit};
  }
  if (b.value == 0) throw ExpressionError{"a division by zero"};
  if (!b.unit.empty() && a.unit != b.unit) {
    throw ExpressionError{"a division of " + with_unit(a) + " by " + b.unit};
  }
  return {a.value / b.value, b.unit.empty() ? a.unit : ""};
}

Amount binary(const std::string& op, const Amount& a, const Amount& b) {
  if (op == "*" || op == "/") return product_of(op, a, b);
  if (a.unit != b.unit) {
    throw ExpressionError{"'" + op + "' between " + with_unit(a) + " and " + with_unit(b)};
  }
  if (op == "+") return {a.value + b.value, a.unit};
  if (op == "-") return {a.value - b.value, a.unit};
  if (op == "min") return a.value <= b.value ? a : b;
  if (op == "max") return a.value >= b.value ? a : b;
  const bool holds = op == "<="   ? a.value <= b.value
                     : op == "<"  ? a.value < b.value
                     : op == ">=" ? a.value >= b.value
                     : op == ">"  ? a.value > b.value
                     : op == "==" ? a.value == b.value
                                  : a.value != b.value;
  return {holds ? 1.0 : 0.0, ""};
}

Amount unary(const std::string& op, const Amount& a) {
  if (op == "neg") return {-a.value, a.unit};
  if (op == "floor") return {std::floor(a.value), a.unit};
  if (op == "ceil") return {std::ceil(a.value), a.unit};
  if (a.value <= 0) throw ExpressionError{"log2 of a number that is not positive"};
  return {std::log2(a.value), ""};
}

Amount value_of(const Expression::Node& n, const Expression::Lookup& lookup) {
  if (n.op == "number") return n.number;
  if (n.op == "name") {
    const std::optional<Amount> found = lookup(n.name);
    if (!found) throw ExpressionError{"'" + n.name + "' is no number here"};
    return *found;
  }
  const Amount first = value_of(*n.arguments.front(), lookup);
  if (n.arguments.size() == 1) return unary(n.op, first);
  return binary(n.op, first, value_of(*n.arguments.back(), lookup));
}

}  // namespace

std::optional<Amount> parse_amount(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view body = text.substr(negative ? 1 : 0);
  const std::size_t length = number_length(body);
  std::string why;
  const auto value = strict_real(body.substr(0, length), why);
  if (!value) return std::nullopt;
  std::string_view rest = body.substr(length);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const FoundUnit unit = find_unit(rest);
  if (unit.length != rest.size()) return std::nullopt;
  return Amount{(negative ? -1 : 1) * *value * unit.factor, unit.base};
}

std::string amount_text(const Amount& amount) {
  const bool whole =
      amount.value == std::floor(amount.value) && std::abs(amount.value) < kExactInteger;
  if (!whole) return number_text(amount.value) + (amount.unit.empty() ? "" : " " + amount.unit);
  const auto value = static_cast<std::int64_t>(amount.value);
  for (const Dimension d : kDimensions) {
    if (units_of(d).front().name == amount.unit) return quantity_text(value, d);
  }
  return std::to_string(value);
}

Expression::Expression(const std::string& text) : text_(text) {
  root_ = Parser(text_, names_).parse(comparison_);
}

Amount Expression::evaluate(const Lookup& lookup) const { return value_of(*root_, lookup); }

}  // namespace mixpe
