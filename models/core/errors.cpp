#include "models/core/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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
  // What several designs meet in one file is one mistake.
  std::vector<std::string> lines;
  for (const Diagnostic* d : order) {
    std::string line = d->text();
    if (std::find(lines.begin(), lines.end(), line) == lines.end())
      lines.push_back(std::move(line));
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

void Diagnostics::throw_if_any() const {
  if (!ok()) throw UserError(text());
}

}  // namespace mixpe
