#pragma once
// Arithmetic over the keys and metrics of a point: `cols / 2`, `rows * cols <= 4096`,
// `arch.buffers.act.size + arch.buffers.wgt.size <= 512 KiB`.
//  * Numbers carry their unit (its base: B, Hz, B/s, cycles …): sums and comparisons need equal
//    units, a product at most one, and a quotient of equal units has none.
//  * + - * / ( ) min max floor ceil log2 and, outermost, one of <= < >= > == !=, which gives 0
//  or 1.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mixpe {

struct Amount {
  double value = 0;
  std::string unit;  ///< base unit; empty: a plain number
};

/// What a scalar of a configuration stands for: "64", "128 KiB"; none if it is a word.
std::optional<Amount> parse_amount(std::string_view text);
/// The text that a configuration takes: "64", "131072 B".
std::string amount_text(const Amount& amount);

/// The mistake in an expression, for a Diagnostic's `what`.
struct ExpressionError {
  std::string what;
};

class Expression {
 public:
  /// The value of a name; none if it has no number in this point.
  using Lookup = std::function<std::optional<Amount>(const std::string&)>;

  /// ExpressionError if `text` is none.
  explicit Expression(const std::string& text);

  const std::string& text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }  ///< each once, in order
  bool is_comparison() const { return comparison_; }
  /// ExpressionError: a name without a value, units that do not go together, a division by zero.
  Amount evaluate(const Lookup& lookup) const;

  struct Node;

 private:
  std::string text_;
  std::vector<std::string> names_;
  bool comparison_ = false;
  std::shared_ptr<const Node> root_;
};

}  // namespace mixpe
