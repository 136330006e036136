#include "sim/cosim/pe_cases.h"

#include <algorithm>
#include <bit>

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

/// Of the powers of two among a format's values.
struct ExponentRange {
  int least, most;
};
ExponentRange exponents(const Format& f) {
  if (f.is_integer())
    return {0, static_cast<int>(std::bit_width(static_cast<Code>(int_max(f)))) - 1};
  const int bias = static_cast<int>(mask_of(f.exponent_bits - 1));
  return {1 - bias - f.fraction_bits, bias};
}

Code power_of_two(const Format& f, int exponent) {
  if (f.is_integer()) return Code{1} << exponent;
  const int place = exponent - exponents(f).least;  // of a subnormal's bit
  if (place < f.fraction_bits) return Code{1} << place;
  return static_cast<Code>(place - f.fraction_bits + 1) << f.fraction_bits;
}

/// One of the fraction's bits, or none.
Code single_bit(int fraction_bits, CaseRandom& random) {
  return (Code{1} << random.below(static_cast<unsigned>(fraction_bits) + 1)) &
         mask_of(fraction_bits);
}

/// A float of one or two bits about as many binades from `product` as FP32 has bits: what the
/// lesser of the two loses decides a tie.
float at_rounding_distance(float product, CaseRandom& random) {
  const auto distance = static_cast<Code>(22 + random.below(5));
  const Code exponent = float_to_bits(product) >> 23 & 0xffU;
  const Code other = random.below(2) == 0 ? exponent + distance : exponent - distance;
  return bits_to_float(static_cast<Code>(random.below(2)) << 31 | (other & 0xffU) << 23 |
                       single_bit(23, random));
}

Code float_operand(const Format& f, bool near, bool specials, CaseRandom& random) {
  Code code = random_code(f, random);
  if (specials && random.below(32) == 0) {
    const std::vector<Code> all = directed_codes(f);
    return all[random.below(all.size())];
  }
  if (near) code = near_one(f, code, random);
  // Few bits, so that a sum may lose exactly one of them.
  if (random.below(8) == 0) code &= ~mask_of(f.fraction_bits) | single_bit(f.fraction_bits, random);
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

void tie_segment(const Operands& formats, CaseRandom& random, SegmentCase& segment) {
  const auto any = [&](int least, int most) {
    return least + static_cast<int>(random.below(static_cast<unsigned>(most - least + 1)));
  };
  const ExponentRange acts = exponents(formats.act), weights = exponents(formats.weight);
  const int least = acts.least + weights.least, most = acts.most + weights.most;
  const int greatest = any(least + 22, most);
  const int lesser = std::max(least, greatest - any(22, 26));
  std::array<int, 3> steps{greatest, lesser, std::max(least, lesser - any(1, 24))};
  std::swap(steps[0], steps[random.below(3)]);
  for (const int exponent : steps) {
    const int of_weight = any(std::max(weights.least, exponent - acts.most),
                              std::min(weights.most, exponent - acts.least));
    const Code sign = random.below(2) == 0 ? 0 : sign_bit(formats.act);
    const Code act = random.below(8) == 0 ? 0 : power_of_two(formats.act, exponent - of_weight);
    segment.add(sign | act, power_of_two(formats.weight, of_weight));
  }
  if (random.below(2) == 0) segment.add(0, 0);  // a fault that adding twice undoes
}

Sum random_psum(const PeSpec& pe, int flag_bits, const Sum& product, CaseRandom& random) {
  Sum psum;
  if (pe.sum_kind == SumKind::kFloat32) {
    switch (random.below(5)) {
      case 0:
        psum.real = bits_to_float(static_cast<Code>(random()));
        break;
      case 4:
        psum.real = at_rounding_distance(product.real, random);
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
