#pragma once
// Codes to the 16-bit integers that a PE multiplies: codes of up to 8 bits by a table, and without
// one where the table only extends their sign, or nothing, as plain integers do.

#include <cstdint>
#include <vector>

#include "models/pe/pe_model.h"

namespace mixpe {

class Int16Decoder {
 public:
  enum class Operand { kAct, kWeight };

  Int16Decoder(const PeModel& pe, const Operands& formats, Operand operand)
      : pe_(&pe), format_(operand == Operand::kAct ? formats.act : formats.weight), of_(operand) {
    const int bits = format_.is_integer() ? format_.bits : 16;
    if (bits > 8) return;
    for (Code code = 0; code < Code{1} << bits; ++code) table_.push_back(ask(code));
    mask_ = (1 << bits) - 1;
    for (const int sign : {0, 1 << (bits - 1)}) {
      bool extends = true;
      for (int code = 0; code <= mask_; ++code) {
        extends &= table_[static_cast<std::size_t>(code)] == (code ^ sign) - sign;
      }
      if (extends) sign_ = sign;
    }
  }

  /// Element k to out[k * stride].
  template <typename T>
  void decode(const T* codes, std::int64_t count, std::int16_t* out, std::int64_t stride) const {
    if (sign_ >= 0 && stride == 1) {
      extend(codes, count, [out](std::int64_t k) -> std::int16_t& { return out[k]; });
    } else if (sign_ >= 0 && stride == -1) {
      extend(codes, count, [out](std::int64_t k) -> std::int16_t& { return out[-k]; });
    } else if (!table_.empty()) {
      const auto mask = static_cast<std::size_t>(mask_);
      for (std::int64_t k = 0; k < count; ++k) out[k * stride] = table_[codes[k] & mask];
    } else {
      for (std::int64_t k = 0; k < count; ++k) out[k * stride] = ask(codes[k]);
    }
  }

 private:
  std::int16_t ask(Code code) const {
    return of_ == Operand::kAct ? pe_->act_int16(code, format_) : pe_->weight_int16(code, format_);
  }
  template <typename T, typename Place>
  void extend(const T* codes, std::int64_t count, Place place) const {
    const int mask = mask_, sign = sign_;
    for (std::int64_t k = 0; k < count; ++k) {
      place(k) = static_cast<std::int16_t>(((static_cast<int>(codes[k]) & mask) ^ sign) - sign);
    }
  }

  const PeModel* pe_;
  Format format_;
  Operand of_;
  std::vector<std::int16_t> table_;
  int mask_ = 0;
  int sign_ = -1;  ///< what a code's top bit weighs less than its place says; -1: it is not plain
};

}  // namespace mixpe
