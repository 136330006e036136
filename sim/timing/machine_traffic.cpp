#include "sim/timing/machine_traffic.h"

#include <algorithm>

#include "models/core/ceil_div.h"

namespace mixpe {
namespace {

constexpr std::int64_t kPsumBits = 32;

std::uint64_t u64(std::int64_t n) { return static_cast<std::uint64_t>(n); }

std::int64_t words(std::int64_t bits, const BufferSpec& buffer) {
  return ceil_div(bits, buffer.width_bits);
}

/// `size` cut into blocks: body(length, how many of that length).
template <typename Body>
void for_blocks(std::int64_t size, std::int64_t block, Body body) {
  if (size >= block) body(block, size / block);
  if (size % block != 0) body(size % block, std::int64_t{1});
}

/// Reads of activations and weights by a tile.
struct Reads {
  std::int64_t act = 0, wgt = 0, converted = 0;
};

/// OS: in each pass every segment streams step by step; the weights' scales come once per segment.
Reads os_reads(const GemmProblem& p, const TileShape& tile, std::int64_t segment) {
  const ArrayTiming& a = p.array;
  const WeightQuant& w = p.quant.weight;
  Reads r;
  for_blocks(tile.m, a.rows * a.lanes_m, [&](std::int64_t m, std::int64_t blocks_m) {
    for_blocks(tile.n, a.cols * a.lanes_n, [&](std::int64_t n, std::int64_t blocks_n) {
      for_blocks(tile.k, segment, [&](std::int64_t length, std::int64_t segments) {
        const std::int64_t times = blocks_m * blocks_n * segments;
        r.wgt += times * words(n * w.group_metadata_bits(length), p.wgt_buffer);
        r.converted += times * n * length;
        for_blocks(length, a.lanes_k, [&](std::int64_t k, std::int64_t steps) {
          r.act += times * steps * words(m * k * p.quant.act.store.bits, p.act_buffer);
          r.wgt += times * steps * words(n * k * w.store.bits, p.wgt_buffer);
        });
      });
    });
  });
  return r;
}

/// WS: a K-tile's weights come row by row, then `lanes_m` rows of activations each step.
Reads ws_reads(const GemmProblem& p, const TileShape& tile, std::int64_t segment) {
  const ArrayTiming& a = p.array;
  const WeightQuant& w = p.quant.weight;
  Reads r;
  for_blocks(tile.n, a.cols * a.lanes_n, [&](std::int64_t n, std::int64_t blocks_n) {
    for_blocks(tile.m, a.accumulator_rows, [&](std::int64_t chunk, std::int64_t chunks) {
      for_blocks(tile.k, segment, [&](std::int64_t length, std::int64_t segments) {
        const std::int64_t times = blocks_n * chunks * segments;
        r.wgt += times * words(n * w.group_metadata_bits(length), p.wgt_buffer);
        r.converted += times * n * length;
        for_blocks(length, a.rows * a.lanes_k, [&](std::int64_t k, std::int64_t ktiles) {
          for_blocks(k, a.lanes_k, [&](std::int64_t row_k, std::int64_t rows) {
            r.wgt += times * ktiles * rows * words(n * row_k * w.store.bits, p.wgt_buffer);
          });
          for_blocks(chunk, a.lanes_m, [&](std::int64_t m, std::int64_t steps) {
            r.act += times * ktiles * steps * words(m * k * p.quant.act.store.bits, p.act_buffer);
          });
        });
      });
    });
  });
  return r;
}

}  // namespace

Counters edge_traffic(const GemmProblem& p, const TileShape& tile, bool first_visit) {
  const ArrayTiming& a = p.array;
  const std::int64_t segment = tile.group == 0 ? tile.k : std::min(tile.group, tile.k);
  const Reads reads = a.dataflow == Dataflow::kOutputStationary ? os_reads(p, tile, segment)
                                                                : ws_reads(p, tile, segment);
  // Each segment's sums are added to the outputs, a row of the array's columns at a time; the first
  // ones of an output are only written.
  std::int64_t row_words = 0;
  for_blocks(tile.n, a.cols * a.lanes_n, [&](std::int64_t n, std::int64_t blocks) {
    row_words += blocks * words(n * kPsumBits, p.out_buffer);
  });
  const std::int64_t segments = ceil_div(tile.k, segment);
  Counters c;
  c[Event::kActRead] = u64(reads.act);
  c[Event::kWgtRead] = u64(reads.wgt);
  if (p.quant.weight.convert != Convert::kNone) c[Event::kConvert] = u64(reads.converted);
  c[Event::kOutWrite] = u64(tile.m * row_words * segments);
  c[Event::kOutRead] = u64(tile.m * row_words * (segments - (first_visit ? 1 : 0)));
  return c;
}

Counters act_load(const GemmProblem& p, std::int64_t m, std::int64_t k, bool last_k) {
  Counters c;
  c[Event::kDramReadBytes] = u64(p.act_load_bytes(m, k, last_k));
  c[Event::kActWrite] = u64(words(8 * p.act_bytes(m, k, last_k), p.act_buffer));
  return c;
}

Counters wgt_load(const GemmProblem& p, std::int64_t n, std::int64_t k, bool last_k) {
  Counters c;
  c[Event::kDramReadBytes] = u64(p.wgt_load_bytes(n, k, last_k));
  c[Event::kWgtWrite] = u64(words(8 * p.wgt_bytes(n, k, last_k), p.wgt_buffer));
  return c;
}

Counters psum_load(const GemmProblem& p, std::int64_t bytes) {
  Counters c;
  c[Event::kDramReadBytes] = u64(bytes);
  c[Event::kOutWrite] = u64(words(8 * bytes, p.out_buffer));
  return c;
}

Counters psum_store(const GemmProblem& p, std::int64_t bytes) {
  Counters c;
  c[Event::kDramWriteBytes] = u64(bytes);
  c[Event::kOutRead] = u64(words(8 * bytes, p.out_buffer));
  return c;
}

Counters final_store(const GemmProblem& p, std::int64_t m, std::int64_t n) {
  Counters c;
  c[Event::kDramWriteBytes] = u64(p.out_bytes(m, n));
  c[Event::kOutRead] = u64(words(8 * p.psum_bytes(m, n), p.out_buffer));
  c[Event::kActRead] = u64(words(m * p.quant.act.metadata_bits(), p.act_buffer));
  c[Event::kWgtRead] = u64(words(n * p.quant.weight.channel_metadata_bits(), p.wgt_buffer));
  c[Event::kEpilogue] = u64(m * n);
  return c;
}

Counters step_traffic(const GemmProblem& p, const TileStep& step) {
  const TileShape& s = step.shape;
  Counters c = edge_traffic(p, s, step.first_visit);
  const bool last_k = step.k0 + s.k == p.task.k;
  if (step.load_act) c += act_load(p, s.m, s.k, last_k);
  if (step.load_wgt) c += wgt_load(p, s.n, s.k, last_k);
  if (step.load_out) c += psum_load(p, step.out_load_bytes);
  if (!step.store_out) return c;
  c += step.final_store ? final_store(p, s.m, s.n) : psum_store(p, step.out_store_bytes);
  return c;
}

Counters schedule_events(const GemmProblem& p, const Tiling& tiling,
                         const std::function<Counters(const TileShape&)>& array_events) {
  const TileGrid grid(p, tiling);
  const auto& extent = grid.extent;
  Counters c;
  // body(last a?, last b?, how many such tiles) over two dimensions.
  const auto for_pairs = [&](Dim a, Dim b, auto body) {
    for (const bool last_a : {false, true}) {
      for (const bool last_b : {false, true}) {
        const std::int64_t count = grid.count(a, last_a) * grid.count(b, last_b);
        if (count > 0) body(last_a, last_b, count);
      }
    }
  };
  for_pairs(kM, kN, [&](bool m, bool n, std::int64_t count) {
    const std::int64_t spills = grid.visits(kK) - 1;
    c.add_scaled(psum_load(p, grid.psum[m][n]), u64(count * spills));
    c.add_scaled(psum_store(p, grid.psum[m][n]), u64(count * spills));
    c.add_scaled(final_store(p, extent[kM][m], extent[kN][n]), u64(count));
    for (const bool k : {false, true}) {
      const std::int64_t k_count = grid.count(kK, k);
      if (k_count == 0) continue;
      const TileShape shape = grid.shape(m, n, k);
      const bool has_first = !k || grid.trips[kK] == 1;
      c.add_scaled(array_events(shape), u64(count * k_count));
      c.add_scaled(edge_traffic(p, shape, false), u64(count * (k_count - (has_first ? 1 : 0))));
      if (has_first) c.add_scaled(edge_traffic(p, shape, true), u64(count));
    }
  });
  for_pairs(kM, kK, [&](bool m, bool k, std::int64_t count) {
    c.add_scaled(act_load(p, extent[kM][m], extent[kK][k], k), u64(count * grid.visits(kN)));
  });
  for_pairs(kN, kK, [&](bool n, bool k, std::int64_t count) {
    c.add_scaled(wgt_load(p, extent[kN][n], extent[kK][k], k), u64(count * grid.visits(kM)));
  });
  Counters all;
  all.add_scaled(c, u64(p.task.batch));
  return all;
}

}  // namespace mixpe
