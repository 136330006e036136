#include "sim/mapping/tiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "models/core/ceil_div.h"
#include "sim/mapping/array_timing_of.h"

namespace mixpe {
namespace {

constexpr std::array<const char*, 6> kOrderNames = {"mnk", "mkn", "nmk", "nkm", "kmn", "knm"};

void check_one(const char* buffer, const char* extent, std::int64_t needed, const BufferSpec& spec,
               const Diagnostic& where, Diagnostics& diagnostics) {
  if (needed <= spec.bytes / 2) return;
  Diagnostic d = where;
  d.what = fmt::format(
      "{}: the {} buffer cannot hold a tile of {}: it needs {} B in one half of the double buffer",
      where.what, buffer, extent, needed);
  d.got = fmt::format("{} B of {} B", spec.bytes / 2, spec.bytes);
  d.allowed = fmt::format("a buffer of at least {} B", 2 * needed);
  diagnostics.add(d);
}

/// Bytes of `rows` rows' share of padding: `k` of each row's `row_k` values.
std::int64_t padding_bytes(std::int64_t rows, std::int64_t k, std::int64_t row_k,
                           std::int64_t pitch, int bits) {
  if (pitch == 0) return 0;
  return ceil_div(rows * ceil_div(k * (pitch - row_k), row_k) * bits, 8);
}

}  // namespace

TransferRate transfer_rate(const MemorySpec& memory, std::int64_t clock_hz) {
  TransferRate rate;
  rate.latency = memory.latency_cycles;
  if (memory.unlimited) return rate;
  check_invariant(memory.bandwidth_bytes_per_s > 0 && clock_hz > 0, "a memory has a bandwidth");
  const std::int64_t common = std::gcd(clock_hz, memory.bandwidth_bytes_per_s);
  rate.clock = clock_hz / common;
  rate.bandwidth = memory.bandwidth_bytes_per_s / common;
  return rate;
}

std::array<std::int64_t, 3> GemmProblem::granule() const {
  const ScaleSpec* scale = quant.weight.group_scale();
  std::int64_t k = task.segment;
  // Scales that are applied before the array bind no sums, but a group is stored as one piece.
  if (k == 0 && scale != nullptr && scale->k > 0) k = scale->k;
  if (k == 0) k = array.rows * array.lanes_k;
  return {array.rows * array.lanes_m, array.cols * array.lanes_n, k};
}

std::int64_t GemmProblem::act_bytes(std::int64_t m, std::int64_t k, bool last_k) const {
  const std::int64_t token = last_k ? quant.act.metadata_bits() : 0;
  return ceil_div(m * (k * quant.act.store.bits + token), 8);
}

std::int64_t GemmProblem::wgt_bytes(std::int64_t n, std::int64_t k, bool last_k) const {
  const WeightQuant& w = quant.weight;
  const std::int64_t channel = last_k ? w.channel_metadata_bits() : 0;
  return ceil_div(n * (k * w.store.bits + w.group_metadata_bits(k) + channel), 8);
}

std::int64_t GemmProblem::act_load_bytes(std::int64_t m, std::int64_t k, bool last_k) const {
  return act_bytes(m, k, last_k) +
         padding_bytes(m, k, task.k, task.act_k_pitch, quant.act.store.bits);
}

std::int64_t GemmProblem::wgt_load_bytes(std::int64_t n, std::int64_t k, bool last_k) const {
  return wgt_bytes(n, k, last_k) +
         padding_bytes(n, k, task.k, task.wgt_k_pitch, quant.weight.store.bits);
}

std::int64_t GemmProblem::out_bytes(std::int64_t m, std::int64_t n) const {
  const std::int64_t metadata = ceil_div(n, quant.out_block_n) * quant.out_metadata_bits_n;
  return ceil_div(m * (n * quant.out.bits + metadata), 8);
}

GemmProblem make_problem(const ArchSpec& arch, const GemmQuant& quant, const PeMode& mode,
                         const GemmTask& task) {
  GemmProblem p;
  p.task = task;
  p.quant = quant;
  p.array = array_timing(arch, quant, mode);
  p.act_buffer = arch.act_buffer;
  p.wgt_buffer = arch.wgt_buffer;
  p.out_buffer = arch.out_buffer;
  p.memory = transfer_rate(arch.memory, arch.clock_hz);
  p.clock_hz = arch.clock_hz;
  return p;
}

std::array<Dim, 3> loops(LoopOrder order) {
  const char* name = kOrderNames[static_cast<std::size_t>(order)];
  std::array<Dim, 3> result{};
  for (std::size_t i = 0; i < 3; ++i) result[i] = name[i] == 'm' ? kM : name[i] == 'n' ? kN : kK;
  return result;
}

std::string order_name(LoopOrder order) { return kOrderNames[static_cast<std::size_t>(order)]; }

std::optional<LoopOrder> parse_order(const std::string& name) {
  const auto* found = std::find(kOrderNames.begin(), kOrderNames.end(), name);
  if (found == kOrderNames.end()) return std::nullopt;
  return static_cast<LoopOrder>(found - kOrderNames.begin());
}

void check_fits(const GemmProblem& p, const Tiling& t, const Diagnostic& where,
                Diagnostics& diagnostics) {
  check_one("activation", fmt::format("{} x {} (m x k)", t.m, t.k).c_str(), p.act_bytes(t.m, t.k),
            p.act_buffer, where, diagnostics);
  check_one("weight", fmt::format("{} x {} (n x k)", t.n, t.k).c_str(), p.wgt_bytes(t.n, t.k),
            p.wgt_buffer, where, diagnostics);
  check_one("output", fmt::format("{} x {} (m x n)", t.m, t.n).c_str(), p.psum_bytes(t.m, t.n),
            p.out_buffer, where, diagnostics);
}

TileGrid::TileGrid(const GemmProblem& p, const Tiling& tiling)
    : loop(loops(tiling.order)), group(p.task.segment) {
  const std::array<std::int64_t, 3> tile = {tiling.m, tiling.n, tiling.k};
  const std::array<std::int64_t, 3> size = p.size();
  for (std::size_t d = 0; d < 3; ++d) {
    trips[d] = ceil_div(size[d], tile[d]);
    extent[d] = {tile[d], size[d] - (trips[d] - 1) * tile[d]};
  }
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      act[i][j] = p.act_load_bytes(extent[kM][i], extent[kK][j], j == 1);
      wgt[i][j] = p.wgt_load_bytes(extent[kN][i], extent[kK][j], j == 1);
      psum[i][j] = p.psum_bytes(extent[kM][i], extent[kN][j]);
      out[i][j] = p.out_bytes(extent[kM][i], extent[kN][j]);
    }
  }
}

bool TileGrid::changes(Dim d, int level) const {
  if (level < 0) return true;  // another instance
  if (loop[static_cast<std::size_t>(level)] == d) return true;
  for (std::size_t inner = static_cast<std::size_t>(level) + 1; inner < 3; ++inner) {
    if (loop[inner] == d) return trips[d] > 1;
  }
  return false;
}

std::int64_t TileGrid::visits(Dim third) const {
  bool turns_inside = false;
  for (std::size_t level = 3; level-- > 0;) {
    if (loop[level] == third) return turns_inside ? trips[third] : 1;
    turns_inside = turns_inside || trips[loop[level]] > 1;
  }
  return 1;
}

TileSequence::TileSequence(const GemmProblem& p, const Tiling& tiling)
    : grid_(p, tiling), stride_{tiling.m, tiling.n, tiling.k}, batch_(p.task.batch) {}

/// The innermost loop with a turn left; -1: the next instance.
int TileSequence::advancing_loop() const {
  for (int level = 2; level >= 0; --level) {
    const Dim d = grid_.loop[static_cast<std::size_t>(level)];
    if (!grid_.last(d, index_[d])) return level;
  }
  return -1;
}

bool TileSequence::next(TileStep& step) {
  int level = -1;
  if (begun_) {
    level = advancing_loop();
    if (level < 0) {
      if (instance_ == batch_ - 1) return false;
      ++instance_;
      index_ = {};
    } else {
      ++index_[grid_.loop[static_cast<std::size_t>(level)]];
      for (std::size_t inner = static_cast<std::size_t>(level) + 1; inner < 3; ++inner) {
        index_[grid_.loop[inner]] = 0;
      }
    }
  }
  begun_ = true;
  const bool last_m = grid_.last(kM, index_[kM]);
  const bool last_n = grid_.last(kN, index_[kN]);
  const bool last_k = grid_.last(kK, index_[kK]);
  const int following = advancing_loop();
  const bool new_m = grid_.changes(kM, level);
  const bool new_n = grid_.changes(kN, level);
  const bool new_k = grid_.changes(kK, level);
  step.m0 = index_[kM] * stride_[kM];
  step.n0 = index_[kN] * stride_[kN];
  step.k0 = index_[kK] * stride_[kK];
  step.shape = grid_.shape(last_m, last_n, last_k);
  step.load_act = new_m || new_k;
  step.load_wgt = new_n || new_k;
  step.first_visit = index_[kK] == 0;
  step.load_out = (new_m || new_n) && !step.first_visit;
  step.store_out = grid_.changes(kM, following) || grid_.changes(kN, following);
  step.final_store = step.store_out && last_k;
  step.act_bytes = step.load_act ? grid_.act[last_m][last_k] : 0;
  step.wgt_bytes = step.load_wgt ? grid_.wgt[last_n][last_k] : 0;
  step.out_load_bytes = step.load_out ? grid_.psum[last_m][last_n] : 0;
  step.out_store_bytes = !step.store_out    ? 0
                         : step.final_store ? grid_.out[last_m][last_n]
                                            : grid_.psum[last_m][last_n];
  return true;
}

}  // namespace mixpe
