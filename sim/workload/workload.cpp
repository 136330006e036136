#include "sim/workload/workload.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/core/ceil_div.h"

namespace mixpe {
namespace {

/// Elements of an m x length matrix that a causal mask leaves: row i keeps the first
/// min(length, i / rows_per_token + offset + 1).
/// With s tokens, of which the first a = clamp(length - offset - 1, 0, s) see less than all:
///   rows_per_token * (a * (offset + 1) + a * (a - 1) / 2 + (s - a) * length).
std::int64_t visible_elements(const Gemm& g, std::int64_t length) {
  const std::int64_t tokens = g.m / g.rows_per_token;
  const std::int64_t partial = std::clamp<std::int64_t>(length - g.causal_offset - 1, 0, tokens);
  const std::int64_t whole_tokens =
      partial * (g.causal_offset + 1) + partial * (partial - 1) / 2 + (tokens - partial) * length;
  const std::int64_t last_rows = g.m % g.rows_per_token;  // of a token that is cut off
  return g.rows_per_token * whole_tokens +
         last_rows * std::min(length, tokens + g.causal_offset + 1);
}

std::string place(const Gemm& g) { return g.layer + "." + g.op; }

/// a * b, or none beyond the limit. Both are positive.
std::optional<std::int64_t> product(std::optional<std::int64_t> a, std::int64_t b) {
  if (!a || *a > kMaxMacs / b) return std::nullopt;
  return *a * b;
}

class SizeRules {
 public:
  SizeRules(const Gemm& g, Diagnostics& wrong) : g_(g), wrong_(wrong) {}

  /// Dense MACs, padding of K as if it were computed, or none after reporting why not.
  std::optional<std::int64_t> macs() {
    for (const auto& [name, value] : {std::pair{"m", g_.m},
                                      {"n", g_.n},
                                      {"k", g_.k},
                                      {"batch", g_.batch},
                                      {"count", g_.count}}) {
      in_range(name, value, 1);
    }
    in_range("rows_per_token", g_.rows_per_token, 1);
    in_range("causal_offset", g_.causal_offset, 0);
    in_range("act_k_pitch", g_.act_k_pitch, 0);
    in_range("wgt_k_pitch", g_.wgt_k_pitch, 0);
    if (!ok_) return std::nullopt;
    if (g_.m % g_.rows_per_token != 0) {
      report("rows_per_token", "must divide m", std::to_string(g_.rows_per_token),
             "divisors of " + std::to_string(g_.m));
    }
    check_pitch("act_k_pitch", g_.act_k_pitch);
    check_pitch("wgt_k_pitch", g_.wgt_k_pitch);
    const std::int64_t k = std::max({g_.k, g_.act_k_pitch, g_.wgt_k_pitch});
    const auto all = product(product(product(product(g_.m, g_.n), k), g_.batch), g_.count);
    if (!all) {
      report("m", "m * n * k * batch * count is too large, k with its padding", "",
             "up to 2^56 MACs");
    }
    return all;
  }

 private:
  void check_pitch(const std::string& name, std::int64_t pitch) {
    if (pitch == 0) return;
    if (g_.causal != Causal::kNone) {
      report(name, "a causal GEMM, of which parts run without all of N or K, has no pitch",
             std::to_string(pitch), "0");
    } else if (pitch < g_.k) {
      report(name, "is less than k", std::to_string(pitch),
             "0 or at least " + std::to_string(g_.k));
    }
  }
  void report(const std::string& name, std::string what, std::string got, std::string allowed) {
    wrong_.add(
        {g_.at, place(g_) + "." + name, std::move(what), std::move(got), std::move(allowed)});
    ok_ = false;
  }
  void in_range(const std::string& name, std::int64_t value, std::int64_t min) {
    if (value >= min && value <= kMaxDimension) return;
    report(name, "out of range", std::to_string(value),
           std::to_string(min) + ".." + std::to_string(kMaxDimension));
  }

  const Gemm& g_;
  Diagnostics& wrong_;
  bool ok_ = true;
};

}  // namespace

std::int64_t Gemm::useful_macs() const {
  switch (causal) {
    case Causal::kNone:
      break;
    case Causal::kScores:
      return visible_elements(*this, n) * k * batch * count;
    case Causal::kValues:
      return visible_elements(*this, k) * n * batch * count;
  }
  return dense_macs();
}

int Workload::quant_index(const GemmQuant& quant) {
  const auto found = std::find(quants.begin(), quants.end(), quant);
  if (found != quants.end()) return static_cast<int>(found - quants.begin());
  quants.push_back(quant);
  return static_cast<int>(quants.size()) - 1;
}

GemmTraffic compulsory_traffic(const Gemm& g, const GemmQuant& q) {
  const std::int64_t act = g.causal == Causal::kValues ? visible_elements(g, g.k) : g.m * g.k;
  const std::int64_t out = g.causal == Causal::kScores ? visible_elements(g, g.n) : g.m * g.n;
  const auto bytes = [&g](std::int64_t bits) { return ceil_div(bits, 8) * g.batch * g.count; };
  // A causal GEMM has no pitch.
  const std::int64_t wgt_pad = g.n * std::max<std::int64_t>(0, g.wgt_k_pitch - g.k);
  const std::int64_t act_pad = g.m * std::max<std::int64_t>(0, g.act_k_pitch - g.k);
  return {bytes((g.n * g.k + wgt_pad) * q.weight.store.bits + g.n * q.weight.metadata_bits(g.k)),
          bytes((act + act_pad) * q.act.store.bits + g.m * q.act.metadata_bits()),
          bytes(out * q.out.bits + g.m * ceil_div(g.n, q.out_block_n) * q.out_metadata_bits_n)};
}

void check_sizes(const Workload& workload, Diagnostics& wrong) {
  std::int64_t total = 0;
  for (const Gemm& g : workload.gemms) {
    const auto macs = SizeRules(g, wrong).macs();
    if (!macs) continue;
    if (total > kMaxMacs - *macs) {
      wrong.add({g.at, place(g), "the workload is too large from here on", {}, "up to 2^56 MACs"});
      return;
    }
    total += *macs;
  }
}

void check_group_tails(const Gemm& g, const GemmQuant& quant, const Scheme& scheme,
                       Diagnostics& wrong) {
  const ScaleSpec* scale = quant.weight.group_scale();
  if (scheme.allow_tail_group || !scale || scale->k <= 0 || g.k % scale->k == 0) return;
  wrong.add({g.at, place(g) + ".k",
             "is not a multiple of the group size, and scheme " + scheme.name +
                 " forbids a shorter last group",
             std::to_string(g.k), "multiples of " + std::to_string(scale->k)});
}

}  // namespace mixpe
