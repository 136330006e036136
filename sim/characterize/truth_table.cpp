#include "sim/characterize/truth_table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "models/core/errors.h"

namespace mixpe {
namespace {

std::uint64_t mask_of(std::size_t inputs) {
  return inputs >= TruthTable::kMostInputs ? ~std::uint64_t{0}
                                           : (std::uint64_t{1} << (1U << inputs)) - 1;
}

/// The table of input `k` alone.
constexpr std::array<std::uint64_t, TruthTable::kMostInputs> kInput{
    0xaaaaaaaaaaaaaaaaU, 0xccccccccccccccccU, 0xf0f0f0f0f0f0f0f0U,
    0xff00ff00ff00ff00U, 0xffff0000ffff0000U, 0xffffffff00000000U};

/// Precedence, strongest first: ! and ', ^, & * and juxtaposition, + and |.
class FunctionParser {
 public:
  FunctionParser(std::string_view text, const std::vector<std::string>& inputs)
      : text_(text), inputs_(inputs) {}

  std::optional<std::uint64_t> run(std::string& why) {
    const std::uint64_t bits = any_of();
    skip();
    if (why_.empty() && at_ < text_.size()) why_ = "unexpected '" + std::string(1, here()) + "'";
    why = why_;
    if (!why_.empty()) return std::nullopt;
    return bits;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() {
    while (std::isspace(static_cast<unsigned char>(here())) != 0) ++at_;
  }
  bool take(char c) {
    skip();
    if (here() != c) return false;
    ++at_;
    return true;
  }

  std::uint64_t any_of() {
    std::uint64_t bits = all_of();
    while (take('+') || take('|')) bits |= all_of();
    return bits;
  }
  std::uint64_t all_of() {
    std::uint64_t bits = parity();
    for (;;) {
      if (take('&') || take('*')) {
        bits &= parity();
        continue;
      }
      skip();
      const char c = here();
      const bool factor =
          std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '(' || c == '!';
      if (!factor || !why_.empty()) return bits;
      bits &= parity();
    }
  }
  std::uint64_t parity() {
    std::uint64_t bits = factor();
    while (take('^')) bits ^= factor();
    return bits;
  }
  std::uint64_t factor() {
    if (take('!')) return ~factor();
    std::uint64_t bits = 0;
    if (take('(')) {
      bits = any_of();
      if (!take(')') && why_.empty()) why_ = "a ')' is missing";
    } else {
      bits = pin();
    }
    while (take('\'')) bits = ~bits;
    return bits;
  }
  std::uint64_t pin() {
    skip();
    std::string name;
    while (std::isalnum(static_cast<unsigned char>(here())) != 0 || here() == '_' ||
           here() == '[' || here() == ']') {
      name += text_[at_++];
    }
    if (name == "0") return 0;
    if (name == "1") return ~std::uint64_t{0};
    const auto found = std::find(inputs_.begin(), inputs_.end(), name);
    if (found == inputs_.end()) {
      if (why_.empty()) why_ = name.empty() ? "a pin is missing" : "there is no pin " + name;
      return 0;
    }
    return kInput[static_cast<std::size_t>(found - inputs_.begin())];
  }

  std::string_view text_;
  const std::vector<std::string>& inputs_;
  std::size_t at_ = 0;
  std::string why_;
};

}  // namespace

TruthTable::TruthTable(std::uint64_t bits, std::size_t inputs)
    : bits_(bits & mask_of(inputs)), inputs_(inputs) {
  check_invariant(inputs <= kMostInputs, "a truth table of too many inputs");
}

bool TruthTable::depends_on(std::size_t k) const {
  const std::uint64_t high = (bits_ & kInput[k]) >> (1U << k), low = bits_ & ~kInput[k];
  return ((high ^ low) & mask_of(inputs_) & ~kInput[k]) != 0;
}

TruthTable TruthTable::complement() const { return {~bits_, inputs_}; }

std::optional<TruthTable> parse_function(std::string_view text,
                                         const std::vector<std::string>& inputs, std::string& why) {
  if (inputs.size() > TruthTable::kMostInputs) {
    why = "more than six inputs";
    return std::nullopt;
  }
  const auto bits = FunctionParser(text, inputs).run(why);
  if (!bits) return std::nullopt;
  return TruthTable(*bits, inputs.size());
}

}  // namespace mixpe
