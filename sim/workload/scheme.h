#pragma once
// How a layer is quantised. One formula for all:
//   Y[m,n] = sa[m] * sum_g sw[n,g] * sum_{k in g} qa[m,k] * (qw[n,k] - z[n,g]),
// each scale applied where `apply` says.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "models/formats/format.h"

namespace mixpe {

/// Where a scale or zero-point is applied.
enum class Apply {
  kBeforeMac,   ///< "pro": the weight is converted before it enters the array
  kAfterGroup,  ///< "acc": on the partial sum at a group boundary
  kEpilogue,    ///< "epi": once per output
};

/// Bit-exact rule of the conversion before the array.
enum class Convert {
  kNone,  ///< the PE multiplies what is stored
  kInt,   ///< i8 = wrap8(q*s2 - z*s2), integer group scale s2
  kFp16,  ///< fp16 = RNE16((q - z) * s)
};

struct ScaleSpec {
  std::int64_t k = -1;  ///< block along K; -1 = the whole dimension
  Format type = kFp16;
  Apply apply = Apply::kEpilogue;
};

struct ZeroSpec {
  std::int64_t k = -1;
  Format type = unsigned_int(4);
  Apply apply = Apply::kAfterGroup;
};

struct WeightQuant {
  Format store = signed_int(8);  ///< as in DRAM and in the weight buffer
  Format mac = signed_int(8);    ///< as fed to the multiplier
  Convert convert = Convert::kNone;
  std::vector<ScaleSpec> scales;  ///< finest first
  std::optional<ZeroSpec> zero;

  /// The scale applied after a group or before the MAC; none if only epilogue scales exist.
  const ScaleSpec* group_scale() const;
  /// Elements of K per group that end a partial sum in the array (0: none do).
  std::int64_t after_group() const;
  /// Bits per element of K of scales and zero-points stored beside the weights are not included
  /// here.
  std::int64_t metadata_bits(std::int64_t k) const;  ///< per output channel n, for K elements
};

struct ActQuant {
  Format store = signed_int(8);
  bool token_scale = true;  ///< one FP16 scale per token (row m), applied in the epilogue
};

/// How V's scales, which vary along K = tokens, meet a per-group PE.
enum class ValueFold {
  kNone,           ///< V has no scale along K (floating point)
  kIntoP,          ///< sV[token] is multiplied into P before P is quantised; V symmetric
  kTokensGrouped,  ///< V is quantised in groups of tokens per channel
};

/// What one GEMM needs to know: the operands as stored, multiplied and rescaled.
struct GemmQuant {
  WeightQuant weight;
  ActQuant act;
  Format out = kFp16;  ///< as written to DRAM
  std::int64_t out_metadata_bits_n =
      0;  ///< bits of scales written per `out_block_n` outputs of a row
  std::int64_t out_block_n = 1;
  bool operator==(const GemmQuant&) const;
};

struct LayerOverride {
  std::string match;  ///< an op name of the trace: "lm_head", …
  WeightQuant weight;
  ActQuant act;
};

struct Scheme {
  std::string name;
  std::string description;
  WeightQuant weight;
  ActQuant act;
  WeightQuant k_cache;
  WeightQuant v_cache;
  ActQuant q;
  ActQuant p;
  ValueFold value_fold = ValueFold::kNone;
  Format out = kFp16;
  bool allow_tail_group = true;  ///< K not divisible by the group is allowed (a shorter last group)
  std::string lm_head_note;      ///< how the LM head is treated, in words, for the report
  std::vector<LayerOverride> overrides;
};

}  // namespace mixpe
