#include "sim/cosim/pe_cases.h"

#include "models/formats/floats.h"
#include "models/formats/integers.h"

namespace mixpe {
namespace {

Code mask_of(int bits) { return static_cast<Code>(~std::uint64_t{0} >> (64 - bits)); }

Code exponent_mask(const Format& f) { return mask_of(f.exponent_bits) << f.fraction_bits; }

bool is_special(const Format& f, Code code) {
  return (code & exponent_mask(f)) == exponent_mask(f);
}

Code sign_bit(const Format& f) { return Code{1} << (f.bits - 1); }

/// The same fraction with an exponent near the middle, so that products are near each other.
Code near_one(const Format& f, Code code, CaseRandom& random) {
  const Code middle = mask_of(f.exponent_bits - 1) - 2 + static_cast<Code>(random.below(4));
  return (code & ~exponent_mask(f)) | middle << f.fraction_bits;
}

/// Without infinities and NaN, which would end nearly every sum.
Code finite(const Format& f, Code code) {
  return is_special(f, code) ? code ^ (Code{1} << (f.bits - 2)) : code;
}

Code float_operand(const Format& f, bool near, bool specials, CaseRandom& random) {
  Code code = random_code(f, random);
  if (specials && random.below(32) == 0) {
    const std::vector<Code> all = directed_codes(f);
    return all[random.below(all.size())];
  }
  if (near) code = near_one(f, code, random);
  return finite(f, code);
}

Code integer_operand(const Format& f, bool extremes, CaseRandom& random) {
  if (extremes) return extreme_codes(f)[random.below(8) == 0 ? 0 : 1];
  return random_code(f, random);
}

}  // namespace

Code random_code(const Format& format, CaseRandom& random) {
  return static_cast<Code>(random()) & mask_of(format.code_bits());
}

std::array<Code, 2> extreme_codes(const Format& f) {
  if (f.is_integer()) return {encode(f, int_min(f)), encode(f, int_max(f))};
  const Code largest = exponent_mask(f) - 1;
  return {largest | sign_bit(f), largest};
}

std::vector<Code> directed_codes(const Format& format) {
  std::vector<Code> codes;
  if (format.is_integer()) {
    for (Code c = 0; c <= mask_of(format.code_bits()); ++c) codes.push_back(c);
    return codes;
  }
  const Code one = Code{1} << format.fraction_bits;  // the smallest normal
  const Code inf = exponent_mask(format);
  const Code bias = mask_of(format.exponent_bits - 1) << format.fraction_bits;  // 1.0
  for (const Code c : std::initializer_list<Code>{
           0, 1, 2, one - 1, one, one + 1, bias - 1, bias, bias + 1, bias + one + one / 2 + 3,
           inf - 2, inf - 1, inf, inf + 1, inf + one / 2, inf + one - 1}) {
    codes.push_back(c);
    codes.push_back(c | sign_bit(format));
  }
  return codes;
}

void random_segment(const Operands& formats, std::size_t length, CaseRandom& random,
                    SegmentCase& segment) {
  const bool specials = random.below(4) == 0;
  const bool extremes = random.below(8) == 0;
  for (std::size_t k = 0; k < length; ++k) {
    const std::uint64_t kind = random.below(8);
    const bool near = kind < 4;
    Code act = formats.act.is_integer() ? integer_operand(formats.act, extremes, random)
                                        : float_operand(formats.act, near, specials, random);
    Code weight = formats.weight.is_integer()
                      ? integer_operand(formats.weight, extremes, random)
                      : float_operand(formats.weight, near, specials, random);
    if (kind == 4 && k > 0 && !formats.act.is_integer()) {
      act = segment.acts[k - 1] ^ sign_bit(formats.act);  // takes the last product back
      weight = segment.weights[k - 1];
    }
    segment.add(act, weight);
  }
}

Sum random_psum(const PeSpec& pe, int flag_bits, const Sum& product, CaseRandom& random) {
  Sum psum;
  if (pe.sum_kind == SumKind::kFloat32) {
    switch (random.below(4)) {
      case 0:
        psum.real = bits_to_float(static_cast<Code>(random()));
        break;
      case 1: {
        const std::vector<Code> all = directed_codes(kFp32);
        psum.real = bits_to_float(all[random.below(all.size())]);
        break;
      }
      default:  // cancels, wholly or nearly
        psum.real = -product.real * static_cast<float>(random.below(4));
        if (random.below(2) == 0) {
          psum.real = bits_to_float(float_to_bits(psum.real) ^ Code{1} << random.below(24));
        }
    }
    // A column's sum starts at +0 and so is never -0 (docs/numerics.md).
    if (psum.real == 0.0F) psum.real = 0.0F;
    psum.real = canonical_nan(psum.real);
    return psum;
  }
  const std::int64_t top = std::int64_t{1} << (pe.acc_bits - 1);
  switch (random.below(4)) {
    case 0:
      psum.integer = wrap_signed(-product.integer + static_cast<std::int64_t>(random.below(5)) - 2,
                                 pe.acc_bits);
      break;
    case 1: {  // at the ends of the range, where the next product overflows or just does not
      const auto near = static_cast<std::int64_t>(random.below(3)) + std::abs(product.integer) - 1;
      psum.integer = wrap_signed(random.below(2) == 0 ? top - 1 - near : near - top, pe.acc_bits);
      break;
    }
    default:
      psum.integer = wrap_signed(static_cast<std::int64_t>(random()), pe.acc_bits);
  }
  if (flag_bits > 0) {
    constexpr std::array<std::uint8_t, 8> kFlags{0, 0, 0, 0, 0, 1, 2, 4};
    psum.special = kFlags[random.below(kFlags.size())];
  }
  return psum;
}

std::uint64_t shuffled(std::uint64_t index, int bits) {
  // An odd factor is one-to-one modulo a power of two, and so is the xor of high bits into low
  // ones.
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
  index = (index * 0x9e3779b97f4a7c15U + 0x1234567) & mask;
  index ^= index >> (bits / 2 + 1);
  return (index * 0xd1342543de82ef95U) & mask;
}

}  // namespace mixpe
