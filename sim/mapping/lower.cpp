#include "sim/mapping/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "models/dequant/dequant.h"
#include "sim/config/arch.h"

namespace mixpe {
namespace {

std::string names(const std::vector<Format>& formats) {
  std::string text;
  for (const Format& f : formats) {
    if (!text.empty()) text += '|';
    text += f.name();
  }
  return text;
}

/// "w4: u4|i4 x i8; w8: …"
std::string what_it_runs(const PeSpec& pe) {
  std::string text;
  for (const PeMode& mode : pe.modes) {
    text += fmt::format("{}{}: {} x {}", text.empty() ? "" : "; ", mode.name, names(mode.weights),
                        names(mode.acts));
  }
  return text;
}

/// What of the scheme has to happen outside the PEs; none if any placement will do.
struct Demand {
  DequantPlacement placement = DequantPlacement::kNone;
  const char* why = "";
};

Demand demanded_placement(const WeightQuant& weight) {
  if (weight.convert != Convert::kNone) {
    return {DequantPlacement::kBeforeArray, "weights are converted before they enter the array"};
  }
  if (weight.after_group() > 0) {
    return {DequantPlacement::kAfterGroup, "scales are applied after each group"};
  }
  if (weight.zero && weight.zero->apply == Apply::kAfterGroup) {
    return {DequantPlacement::kAfterGroup, "zero-points are applied to the sums"};
  }
  return {};
}

bool check_placement(const ArchSpec& arch, const GemmQuant& quant, const Diagnostic& where,
                     Diagnostics& diagnostics) {
  const Demand demand = demanded_placement(quant.weight);
  if (demand.placement == DequantPlacement::kNone || demand.placement == arch.dequant.placement) {
    return true;
  }
  Diagnostic d = where;
  d.what = fmt::format("{}: the scheme's {} ({}), which machine '{}' has no hardware for",
                       where.what, demand.why, format_names(quant), arch.name);
  d.got = fmt::format("dequant.placement {}", placement_name(arch.dequant.placement));
  d.allowed = placement_name(demand.placement);
  diagnostics.add(d);
  return false;
}

/// The lanes subtract zero-point times row sum exactly, in 64 bits.
bool check_zero_width(const ArchSpec& arch, const GemmQuant& quant, const Diagnostic& where,
                      Diagnostics& diagnostics) {
  const auto& zero = quant.weight.zero;
  if (arch.pe.sum_kind != SumKind::kInteger || !zero || zero->apply != Apply::kAfterGroup) {
    return true;
  }
  const int bits = zero_corrected_bits(arch.pe.acc_bits, arch.pe.row_sum_bits, zero->type);
  if (bits <= kMaxZeroCorrectedBits) return true;
  Diagnostic d = where;
  d.what = fmt::format(
      "{}: sums of {} bits corrected by {} zero-points and row sums of {} bits are too wide for "
      "the dequantisation lanes",
      where.what, arch.pe.acc_bits, zero->type.name(), arch.pe.row_sum_bits);
  d.got = fmt::format("{} bits", bits);
  d.allowed = fmt::format("up to {} bits", kMaxZeroCorrectedBits);
  diagnostics.add(d);
  return false;
}

/// The GEMMs of one quantisation, as one place: what is wrong with it is wrong with all of them.
Diagnostic at_gemms(const Workload& workload, int quant) {
  constexpr std::size_t kNamed = 4;
  std::vector<const Gemm*> all;
  for (const Gemm& gemm : workload.gemms) {
    if (gemm.quant == quant) all.push_back(&gemm);
  }
  Diagnostic where = at_gemm(*all.front());
  for (std::size_t i = 1; i < std::min(all.size(), kNamed); ++i) {
    where.what += ", " + at_gemm(*all[i]).what;
  }
  if (all.size() > kNamed) where.what += fmt::format(" and {} more", all.size() - kNamed);
  return where;
}

/// Useful MACs of rows [first, first + rows) of a masked GEMM.
std::int64_t masked_macs(const Gemm& g, std::int64_t first, std::int64_t rows) {
  const bool scores = g.causal == Causal::kScores;
  std::int64_t visible = 0;  // outputs (scores) or K elements (values) over all rows
  for (std::int64_t row = first; row < first + rows; ++row) {
    const std::int64_t seen = row / g.rows_per_token + g.causal_offset + 1;
    visible += std::min(seen, scores ? g.n : g.k);
  }
  return visible * (scores ? g.k : g.n);
}

}  // namespace

Diagnostic at_gemm(const Gemm& gemm) {
  const bool both = !gemm.layer.empty() && !gemm.op.empty();
  return {gemm.at, "", fmt::format("GEMM '{}{}{}'", gemm.layer, both ? "." : "", gemm.op), "", ""};
}

const PeMode* select_mode(const ArchSpec& arch, const GemmQuant& quant, const Diagnostic& where,
                          Diagnostics& diagnostics) {
  const PeMode* mode = arch.pe.find_mode(quant.weight.mac, quant.act.store);
  if (mode == nullptr) {
    Diagnostic d = where;
    d.what = fmt::format("{}: PE '{}' cannot run this scheme's operands", where.what, arch.pe.name);
    d.got = format_names(quant);
    d.allowed = what_it_runs(arch.pe);
    diagnostics.add(d);
  }
  const bool placed = check_placement(arch, quant, where, diagnostics);
  const bool narrow = check_zero_width(arch, quant, where, diagnostics);
  return placed && narrow ? mode : nullptr;
}

std::vector<GemmTask> lower_gemm(const Gemm& gemm, int index, const GemmQuant& quant,
                                 const ArchSpec& arch) {
  GemmTask whole;
  whole.gemm = index;
  whole.m = gemm.m;
  whole.n = gemm.n;
  whole.k = gemm.k;
  whole.batch = gemm.batch;
  whole.count = gemm.count;
  whole.useful_macs = gemm.m * gemm.n * gemm.k;
  whole.segment = std::max<std::int64_t>(0, quant.weight.after_group());
  whole.act_k_pitch = gemm.act_k_pitch;
  whole.wgt_k_pitch = gemm.wgt_k_pitch;
  if (gemm.causal == Causal::kNone) return {whole};

  const PeMode* mode = arch.pe.find_mode(quant.weight.mac, quant.act.store);
  const std::int64_t block = arch.array.rows * (mode == nullptr ? 1 : mode->lanes_m);
  std::vector<GemmTask> tasks;
  for (std::int64_t first = 0; first < gemm.m; first += block) {
    GemmTask task = whole;
    task.m = std::min(block, gemm.m - first);
    const std::int64_t last_token = (first + task.m - 1) / gemm.rows_per_token;
    std::int64_t& trimmed = gemm.causal == Causal::kScores ? task.n : task.k;
    trimmed = std::min(trimmed, last_token + gemm.causal_offset + 1);
    task.useful_macs = masked_macs(gemm, first, task.m);
    // Blocks behind the mask's edge are all alike: one task of more rows.
    if (!tasks.empty() && tasks.back().n == task.n && tasks.back().k == task.k) {
      tasks.back().m += task.m;
      tasks.back().useful_macs += task.useful_macs;
    } else {
      tasks.push_back(task);
    }
  }
  return tasks;
}

std::vector<GemmTask> lower(const Workload& workload, const ArchSpec& arch) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < workload.quants.size(); ++i) {
    const int quant = static_cast<int>(i);
    const bool used = std::any_of(workload.gemms.begin(), workload.gemms.end(),
                                  [&](const Gemm& g) { return g.quant == quant; });
    if (used) select_mode(arch, workload.quants[i], at_gemms(workload, quant), diagnostics);
  }
  diagnostics.throw_if_any();
  std::vector<GemmTask> tasks;
  for (std::size_t i = 0; i < workload.gemms.size(); ++i) {
    const Gemm& gemm = workload.gemms[i];
    const GemmQuant& quant = workload.quants[static_cast<std::size_t>(gemm.quant)];
    const std::vector<GemmTask> cut = lower_gemm(gemm, static_cast<int>(i), quant, arch);
    tasks.insert(tasks.end(), cut.begin(), cut.end());
  }
  return tasks;
}

}  // namespace mixpe
