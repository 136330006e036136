#pragma once
// How a layer is quantised. One formula for all:
//   Y[m,n] = sa[m] * sum_g sw[n,g] * sum_{k in g} qa[m,k] * (qw[n,k] - z[n,g]),
// each scale applied where `apply` says. The files are configs/schemes/*.yaml; the descriptor is
// explained in configs/schemes/README.md.

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
  kIntoP,       ///< V only: multiplied into P before P is quantised, outside the GEMM
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
  std::int64_t n = 1;  ///< outputs that share it; -1 = all of the GEMM (until gemm_quant())
  bool operator==(const ScaleSpec&) const = default;
};

struct ZeroSpec {
  std::int64_t k = -1;
  Format type = unsigned_int(4);  ///< of z itself
  Apply apply = Apply::kAfterGroup;
  /// What memory holds instead of z: -z*s2, so that the converter need not multiply twice.
  std::optional<Format> stored;
  bool operator==(const ZeroSpec&) const = default;
};

struct WeightQuant {
  Format store = signed_int(8);  ///< as in DRAM and in the weight buffer
  Format mac = signed_int(8);    ///< as fed to the multiplier
  Convert convert = Convert::kNone;
  std::vector<ScaleSpec> scales;  ///< finest first
  std::optional<ZeroSpec> zero;

  /// The scale applied after a group or before the MAC; none if there is no such scale.
  const ScaleSpec* group_scale() const;
  /// The scale applied once per output; none if there is no such scale.
  const ScaleSpec* epilogue_scale() const;
  /// Elements of K per group that end a partial sum in the array (0: none do).
  std::int64_t after_group() const;
  /// Bits of scales and zero-points for k elements of one output channel n: group_metadata_bits(k)
  /// plus channel_metadata_bits(). Not counted in `store`.
  std::int64_t metadata_bits(std::int64_t k) const;
  /// The part that grows with k. k counts from a group's start; a group begun is paid in full.
  std::int64_t group_metadata_bits(std::int64_t k) const;
  /// The part paid once per output channel.
  std::int64_t channel_metadata_bits() const;
  bool operator==(const WeightQuant&) const = default;
};

struct ActQuant {
  Format store = signed_int(8);
  bool token_scale = true;  ///< one FP16 scale per token (row m), applied in the epilogue

  /// Bits of scales for one row.
  std::int64_t metadata_bits() const { return token_scale ? kFp16.bits : 0; }
  bool operator==(const ActQuant&) const = default;
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
  bool operator==(const GemmQuant&) const = default;
};

/// "u4 weights (multiplied as i8) x i8 activations": for messages.
std::string format_names(const GemmQuant& quant);

/// What a GEMM does in its model: which operands are its "weights" and where its outputs go.
enum class GemmRole {
  kLinear,  ///< weights x activations -> activations
  kKCache,  ///< a linear whose outputs are written in the K cache's format
  kVCache,  ///< a linear whose outputs are written in the V cache's format
  kScores,  ///< Q x K^T: the weights are the K cache, n = tokens, k = head_dim
  kValues,  ///< P x V: the weights are the V cache, n = head_dim, k = tokens
};

struct LayerOverride {
  std::string match;  ///< an op name: "lm_head", …
  WeightQuant weight;
  ActQuant act;
};

struct Scheme {
  std::string name;
  std::string description;
  std::string source;
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

  const WeightQuant& weight_of(GemmRole role, const std::string& op) const;
};

/// The quantisation of one GEMM. `n` is the GEMM's, `head_dim` that of the cache it writes (roles
/// kKCache and kVCache only).
GemmQuant gemm_quant(const Scheme& scheme, GemmRole role, const std::string& op, std::int64_t n,
                     std::int64_t head_dim);

/// Reports every combination the machine has no hardware for, at `at`, with the path of the part.
void check_scheme(const Scheme& scheme, const SourceMark& at, Diagnostics& wrong);

/// Reads configs/schemes/<name>.yaml or a path (locate.h). Mistakes go to `wrong`; none then.
std::optional<Scheme> load_scheme(const std::string& name, Diagnostics& wrong);

}  // namespace mixpe
