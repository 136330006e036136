#include "models/formats/integers.h"

namespace mixpe {

Code encode_int(const Format& f, double value) {
  if (f.is_coded()) return encode_coded(f, value);
  if (value != value) return 0;
  if (value <= int_min(f)) return wrap_int(f, int_min(f));
  if (value >= int_max(f)) return wrap_int(f, int_max(f));
  // In range: both the cut to an integer and the rest are exact, whatever the rounding mode.
  auto whole = static_cast<std::int64_t>(value);
  const double rest = value - static_cast<double>(whole);
  const bool odd = (whole & 1) != 0;
  if (rest > 0.5 || (rest == 0.5 && odd)) ++whole;
  if (rest < -0.5 || (rest == -0.5 && odd)) --whole;
  return wrap_int(f, whole);
}

}  // namespace mixpe
