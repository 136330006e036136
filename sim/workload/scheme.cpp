#include "sim/workload/scheme.h"

#include <algorithm>

#include "models/core/ceil_div.h"

namespace mixpe {
namespace {

const ScaleSpec* find_scale(const std::vector<ScaleSpec>& scales, bool (*wanted)(Apply)) {
  for (const ScaleSpec& scale : scales) {
    if (wanted(scale.apply)) return &scale;
  }
  return nullptr;
}

int stored_bits(const ZeroSpec& zero) { return (zero.stored ? *zero.stored : zero.type).bits; }

/// A row of K holds its head's scales and zero-points beside it.
void write_k_cache(const Scheme& scheme, std::int64_t head_dim, GemmQuant& quant) {
  quant.out = scheme.k_cache.store;
  quant.out_metadata_bits_n = scheme.k_cache.metadata_bits(head_dim);
  quant.out_block_n = head_dim;
}

void write_v_cache(const Scheme& scheme, std::int64_t head_dim, GemmQuant& quant) {
  quant.out = scheme.v_cache.store;
  if (scheme.value_fold == ValueFold::kIntoP) {  // one scale per token and head
    quant.out_metadata_bits_n = scheme.v_cache.scales.front().type.bits;
    quant.out_block_n = head_dim;
  } else if (const ScaleSpec* scale = scheme.v_cache.group_scale()) {
    // One set of scales for a block of scale->k tokens x 1 channel: a token's share of it. Scales
    // of a whole channel are constants and are not written.
    quant.out_metadata_bits_n = scheme.v_cache.group_metadata_bits(scale->k);
    quant.out_block_n = scale->k;
  }
}

}  // namespace

const ScaleSpec* WeightQuant::group_scale() const {
  return find_scale(scales,
                    [](Apply a) { return a == Apply::kBeforeMac || a == Apply::kAfterGroup; });
}

const ScaleSpec* WeightQuant::epilogue_scale() const {
  return find_scale(scales, [](Apply a) { return a == Apply::kEpilogue; });
}

std::int64_t WeightQuant::after_group() const {
  const ScaleSpec* scale = group_scale();
  return scale && scale->apply == Apply::kAfterGroup ? scale->k : 0;
}

std::int64_t WeightQuant::group_metadata_bits(std::int64_t k) const {
  std::int64_t bits = 0;
  for (const ScaleSpec& scale : scales) {
    check_invariant(scale.n > 0, "a scale shared by all outputs must be resolved by gemm_quant()");
    if (scale.k > 0) bits += ceil_div(ceil_div(k, scale.k) * scale.type.bits, scale.n);
  }
  if (zero && zero->k > 0) bits += ceil_div(k, zero->k) * stored_bits(*zero);
  return bits;
}

std::int64_t WeightQuant::channel_metadata_bits() const {
  std::int64_t bits = 0;
  for (const ScaleSpec& scale : scales) {
    if (scale.k < 0) bits += scale.type.bits;
  }
  if (zero && zero->k < 0) bits += stored_bits(*zero);
  return bits;
}

std::int64_t WeightQuant::metadata_bits(std::int64_t k) const {
  return group_metadata_bits(k) + channel_metadata_bits();
}

std::string format_names(const GemmQuant& quant) {
  const WeightQuant& w = quant.weight;
  return w.store.name() + " weights" +
         (w.mac == w.store ? "" : " (multiplied as " + w.mac.name() + ")") + " x " +
         quant.act.store.name() + " activations";
}

const WeightQuant& Scheme::weight_of(GemmRole role, const std::string& op) const {
  if (role == GemmRole::kScores) return k_cache;
  if (role == GemmRole::kValues) return v_cache;
  for (const LayerOverride& o : overrides) {
    if (o.match == op) return o.weight;
  }
  return weight;
}

GemmQuant gemm_quant(const Scheme& scheme, GemmRole role, const std::string& op, std::int64_t n,
                     std::int64_t head_dim) {
  GemmQuant quant;
  quant.weight = scheme.weight_of(role, op);
  for (ScaleSpec& scale : quant.weight.scales) {
    if (scale.n < 0) scale.n = n;
  }
  quant.act = role == GemmRole::kScores   ? scheme.q
              : role == GemmRole::kValues ? scheme.p
                                          : scheme.act;
  if (role != GemmRole::kScores && role != GemmRole::kValues) {
    for (const LayerOverride& o : scheme.overrides) {
      if (o.match == op) quant.act = o.act;
    }
  }
  quant.out = scheme.out;
  if (role == GemmRole::kKCache) write_k_cache(scheme, head_dim, quant);
  if (role == GemmRole::kVCache) write_v_cache(scheme, head_dim, quant);
  return quant;
}

}  // namespace mixpe
