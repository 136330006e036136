#pragma once
// Diagnostics of places that are not YAML values any more: a file, or a part read earlier.

#include <string>
#include <utility>

#include "models/core/errors.h"

namespace mixpe {

inline void complain(Diagnostics& wrong, SourceMark at, std::string path, std::string what,
                     std::string got = {}, std::string allowed = {}) {
  Diagnostic d;
  d.at = std::move(at);
  d.path = std::move(path);
  d.what = std::move(what);
  d.got = std::move(got);
  d.allowed = std::move(allowed);
  wrong.add(std::move(d));
}

inline SourceMark whole_file(std::string file) {
  SourceMark mark;
  mark.file = std::move(file);
  return mark;
}

}  // namespace mixpe
