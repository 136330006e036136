#pragma once
// The contract of a PE's arithmetic.
//  * Deterministic, without state: a running sum is a value that the caller keeps.
//  * Bit-exact: the same operands in the same order give the same bits in every engine and in RTL.
//  * An accumulator has a width. A sum that leaves its range wraps as hardware does, and each time
//    it does so `overflows` is raised by one.
//  * The sum of a segment (a quantisation group, or what is accumulated before leaving the PE)
//    starts from Sum{}; with spec().interleave p, product k joins sum k mod p, and at the segment's
//    end the sums 1..p-1 are merged into sum 0 in index order.
//  * Every NaN in a Sum is the canonical one: 0x7fc00000, or Sum::kNan alone.

#include <cstdint>
#include <memory>
#include <span>

#include "models/formats/format.h"
#include "models/pe/pe_spec.h"

namespace mixpe {

/// A running sum. SumKind::kInteger uses `integer` and `special`, kFloat32 uses `real`.
struct Sum {
  std::int64_t integer = 0;
  float real = 0.0F;
  /// Integer sums of floating-point operands carry infinities and NaN beside the number.
  enum Special : std::uint32_t { kNone = 0, kPlusInf = 1, kMinusInf = 2, kNan = 4 };
  std::uint32_t special = kNone;  // a word, so that a Sum is copied as two and nothing more

  bool operator==(const Sum&) const = default;
};

/// Formats of the two operands of a MAC.
struct Operands {
  Format weight;
  Format act;
};

/// Kernels that give the same bits as mac() in order, when no accumulator can overflow.
enum class FastPath {
  kNone,   ///< only mac() itself
  kInt16,  ///< sum of exact products of act_int16() and weight_int16(), in any order
  /// FP32 sum, in order of k, of exact products of act_float() and weight_float(). The kernel may
  /// leave any NaN in its running sum, and makes it canonical once at the segment's end.
  kFloat,
  /// Integer sum in units of 2^sum_exponent() of products of act_float() and weight_float(), which
  /// are integers in these units: while it stays below 2^53 units, FP64 adds without rounding.
  kExact,
};

class PeModel {
 public:
  explicit PeModel(PeSpec spec) : spec_(std::move(spec)) {}
  virtual ~PeModel() = default;
  PeModel(const PeModel&) = delete;
  PeModel& operator=(const PeModel&) = delete;

  const PeSpec& spec() const { return spec_; }

  /// sum += act * weight, as the hardware does it. `act` is what align_segment() left.
  virtual void mac(Sum& sum, Code act, Code weight, const Operands& formats,
                   std::uint64_t& overflows) const = 0;
  /// One step of a PE with lanes along k: the products of acts[i] and weights[i] join the sum
  /// together. The same bits as mac() one after another; a PE whose adder tree adds them up before
  /// they meet the sum counts an overflow of the sum once, after the step.
  virtual void step(Sum& sum, std::span<const Code> acts, std::span<const Code> weights,
                    const Operands& formats, std::uint64_t& overflows) const {
    for (std::size_t i = 0; i < acts.size(); ++i) {
      mac(sum, acts[i], weights[i], formats, overflows);
    }
  }
  /// into += from, with the PE's own adder. Also adds K-tiles in the accumulator memory (WS).
  virtual void merge(Sum& into, const Sum& from, std::uint64_t& overflows) const = 0;
  /// sum += act: the row-sum adder at the array's edge (for zero-points), spec().row_sum_bits wide.
  /// `act` is what align_segment() left.
  virtual void add_activation(Sum& sum, Code act, const Operands& formats,
                              std::uint64_t& overflows) const = 0;
  /// into += from, with the row-sum adder: row sums are interleaved, or cut into K-tiles, as the
  /// PE's sums are.
  virtual void merge_row_sum(Sum& into, const Sum& from, std::uint64_t& overflows) const = 0;
  /// The edge's preparation of one row's segment: replaces the codes by what the PEs receive.
  virtual void align_segment(std::span<Code> acts, const Operands& formats, int& exponent) const {
    (void)acts;
    (void)formats;
    exponent = sum_exponent();
  }
  /// Integer sums count units of 2^sum_exponent() (unless align_segment() says otherwise).
  virtual int sum_exponent() const { return 0; }

  virtual FastPath fast_path(const Operands&) const { return FastPath::kNone; }
  /// False if this activation needs mac(): the fast path would not see what its code carries.
  virtual bool fast_path_allows(Code act) const {
    (void)act;
    return true;
  }
  virtual std::int16_t act_int16(Code, const Format&) const { return 0; }
  virtual std::int16_t weight_int16(Code, const Format&) const { return 0; }
  virtual float act_float(Code, const Format&) const { return 0.0F; }
  virtual float weight_float(Code, const Format&) const { return 0.0F; }
  /// True if no order of `k` MACs of these formats can leave the accumulator's range.
  virtual bool cannot_overflow(const Operands&, std::int64_t k) const {
    (void)k;
    return false;
  }

 private:
  PeSpec spec_;
};

}  // namespace mixpe
