#pragma once
// A GEMM with real operands on a square array, for benchmarks: 4-bit weights with a scale and a
// zero-point for each group of 128, activations INT8 or FP16.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/timing/array_engine.h"

namespace mixpe::bench {

inline constexpr std::int64_t kGroup = 128;

/// The MixPE of these operands; `fast`: the variant that has this fast path.
inline std::unique_ptr<PeModel> mixpe_for(const Operands& formats,
                                          std::optional<FastPath> fast = std::nullopt) {
  const std::string name = formats.act.is_integer() ? "mixpe_w4a8" : "mixpe_w4a16";
  for (const PeSpec& spec : all_pe_variants()) {
    if (spec.name != name || spec.find_mode(formats.weight, formats.act) == nullptr) continue;
    std::unique_ptr<PeModel> pe = make_pe(spec);
    if (!fast || pe->fast_path(formats) == *fast) return pe;
  }
  throw std::runtime_error("no " + name + " takes these operands");
}

inline GemmQuant w4_quant(const Format& act) {
  GemmQuant q;
  q.weight.store = q.weight.mac = unsigned_int(4);
  q.weight.scales = {{.k = kGroup, .type = kFp16, .apply = Apply::kAfterGroup}};
  q.weight.zero =
      ZeroSpec{.k = kGroup, .type = unsigned_int(4), .apply = Apply::kAfterGroup, .stored = {}};
  q.act = {.store = act, .token_scale = act.is_integer()};
  return q;
}

/// Cut into tiles of the array's size over m and n, all of k in each.
struct W4Job {
  W4Job(const Format& act, std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t size,
        Dataflow dataflow = Dataflow::kOutputStationary,
        std::optional<FastPath> fast = std::nullopt)
      : operands(make_operands(w4_quant(act), m, n, k, Distribution::kLlm, 1, 0)),
        pe(mixpe_for(operands.formats, fast)) {
    psums.real.resize(static_cast<std::size_t>(m * n));
    work.pe = pe.get();
    work.formats = operands.formats;
    work.scale_groups = work.zero_points = true;
    work.timing.rows = work.timing.cols = size;
    work.timing.dataflow = dataflow;
    work.timing.accumulator_rows = size;
    work.operands = &operands;
    work.psums = &psums;
    for (std::int64_t m0 = 0; m0 < m; m0 += size) {
      for (std::int64_t n0 = 0; n0 < n; n0 += size) {
        TileStep step;
        step.m0 = m0;
        step.n0 = n0;
        step.shape = {size, size, k, kGroup};
        step.first_visit = true;
        steps.push_back(step);
      }
    }
  }
  W4Job(const W4Job&) = delete;
  W4Job& operator=(const W4Job&) = delete;

  GemmOperands operands;
  std::unique_ptr<PeModel> pe;
  OutputPsums psums;
  ArrayWork work;
  std::vector<TileStep> steps;
};

}  // namespace mixpe::bench
