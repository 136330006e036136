#include "sim/timing/engines/array_job.h"

#include <algorithm>

#include "models/core/ceil_div.h"

namespace mixpe {
namespace {

/// [begin, begin + size) cut into blocks; calls body(first, length) for each.
template <typename Body>
void for_blocks(std::int64_t begin, std::int64_t size, std::int64_t block, Body body) {
  for (std::int64_t at = 0; at < size; at += block) {
    body(begin + at, std::min(block, size - at));
  }
}

class JobList {
 public:
  JobList(const ArrayTiming& array, const TileStep& step, ArrayJob blank)
      : array_(array), step_(step), blank_(blank) {}

  std::vector<ArrayJob> os() {
    for_blocks(step_.m0, step_.shape.m, array_.rows * array_.lanes_m, [&](auto m0, auto m) {
      for_blocks(step_.n0, step_.shape.n, array_.cols * array_.lanes_n, [&](auto n0, auto n) {
        for_blocks(step_.k0, step_.shape.k, segment(),
                   [&](auto k0, auto k) { add_os(m0, m, n0, n, k0, k); });
        jobs_.back().ends_pass = true;
      });
    });
    jobs_.back().ends_tile = true;
    return std::move(jobs_);
  }

  std::vector<ArrayJob> ws() {
    for_blocks(step_.n0, step_.shape.n, array_.cols * array_.lanes_n, [&](auto n0, auto n) {
      for_blocks(step_.m0, step_.shape.m, array_.accumulator_rows, [&](auto m0, auto m) {
        for_blocks(step_.k0, step_.shape.k, segment(),
                   [&](auto k0, auto k) { add_ws_segment(m0, m, n0, n, k0, k); });
      });
    });
    jobs_.back().ends_tile = true;
    return std::move(jobs_);
  }

 private:
  std::int64_t segment() const {
    return step_.shape.group == 0 ? step_.shape.k : std::min(step_.shape.group, step_.shape.k);
  }
  std::int64_t active(std::int64_t size, std::int64_t lanes, std::int64_t pes) const {
    return array_.edge_tiles == EdgeTiles::kActual ? ceil_div(size, lanes) : pes;
  }

  void add_os(std::int64_t m0, std::int64_t m, std::int64_t n0, std::int64_t n, std::int64_t k0,
              std::int64_t k) {
    ArrayJob job = blank_;
    job.m0 = m0, job.m = m, job.n0 = n0, job.n = n;
    job.k0 = job.segment_k0 = k0;
    job.k = job.segment_k = k;
    job.rows = active(m, array_.lanes_m, array_.rows);
    job.cols = active(n, array_.lanes_n, array_.cols);
    job.steps = ceil_div(k, array_.lanes_k);
    job.scan_cycles = job.steps * array_.step_cycles();
    jobs_.push_back(job);
  }

  void add_ws_segment(std::int64_t m0, std::int64_t m, std::int64_t n0, std::int64_t n,
                      std::int64_t segment_k0, std::int64_t segment_k) {
    const std::int64_t steps = ceil_div(m, array_.lanes_m);
    const std::int64_t block_k = array_.rows * array_.lanes_k;
    for_blocks(segment_k0, segment_k, block_k, [&](std::int64_t k0, std::int64_t k) {
      ArrayJob job = blank_;
      job.m0 = m0, job.m = m, job.n0 = n0, job.n = n, job.k0 = k0, job.k = k;
      job.segment_k0 = segment_k0;
      job.segment_k = segment_k;
      job.rows = active(k, array_.lanes_k, array_.rows);
      job.cols = active(n, array_.lanes_n, array_.cols);
      job.steps = steps;
      job.scan_cycles = ceil_div(segment_k, block_k) * steps * array_.step_cycles();
      job.begins_segment = k0 == segment_k0;
      job.ends_segment = k0 + k == segment_k0 + segment_k;
      job.ends_pass = true;
      jobs_.push_back(job);
    });
  }

  const ArrayTiming& array_;
  const TileStep& step_;
  ArrayJob blank_;
  std::vector<ArrayJob> jobs_;
};

}  // namespace

std::vector<ArrayJob> array_jobs(const ArrayTiming& array, const TileStep& step, std::int64_t tile,
                                 bool values) {
  ArrayJob blank;
  blank.tile = tile;
  blank.values = values;
  JobList list(array, step, blank);
  return array.dataflow == Dataflow::kOutputStationary ? list.os() : list.ws();
}

}  // namespace mixpe
