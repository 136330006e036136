#include "models/core/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mixpe {

std::string Diagnostic::text() const {
  std::string s = at.file;
  if (at.line > 0) s += fmt::format(":{}:{}", at.line, at.column);
  if (!s.empty()) s += ": ";
  if (!path.empty()) s += fmt::format("{}: ", path);
  s += what;
  if (!got.empty()) s += fmt::format("; got {}", got);
  if (!allowed.empty()) s += fmt::format("; allowed {}", allowed);
  return s;
}

std::string Diagnostics::text() const {
  std::vector<const Diagnostic*> order;
  for (const Diagnostic& d : list_) order.push_back(&d);
  std::stable_sort(order.begin(), order.end(), [](const Diagnostic* a, const Diagnostic* b) {
    return std::tie(a->at.file, a->at.line, a->at.column) <
           std::tie(b->at.file, b->at.line, b->at.column);
  });
  std::string s;
  for (const Diagnostic* d : order) {
    if (!s.empty()) s += '\n';
    s += d->text();
  }
  return s;
}

void Diagnostics::throw_if_any() const {
  if (!ok()) throw UserError(text());
}

}  // namespace mixpe
