#include "sim/timing/engines/skewed_feed.h"

#include <algorithm>

#include "sim/timing/engines/segment_values.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

std::int64_t padded(std::int64_t cols) {
  return (cols + kSkewedColumns - 1) / kSkewedColumns * kSkewedColumns;
}

}  // namespace

SkewedFeed::SkewedFeed(std::int64_t rows, std::int64_t cols, std::int64_t entries)
    : rows_(rows),
      cols_(cols),
      columns_(padded(cols)),
      entries_(entries),
      newest_(entries + columns_ + 2),
      act_stride_(newest_ + columns_ + kSkewedOverread),
      act_(size(rows * act_stride_)),
      weight_(size(((entries + cols) / 2 + 1) * columns_)) {}

std::int16_t SkewedFeed::weight(std::int64_t col, std::int64_t entry) const {
  const std::int64_t cycle = entry + col;
  const std::int32_t pair = weight_[size(cycle / 2 * columns_ + col)];
  return static_cast<std::int16_t>(pair >> (cycle % 2 * 16));
}

SkewedSums SkewedFeed::sums(std::int64_t from, std::int64_t to, std::int32_t* sum) const {
  const std::int64_t cycles = entries_ + cols_ - 1;
  const auto limited = [&](std::int64_t cycle) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(cycle, 0, cycles + rows_));
  };
  SkewedSums s;
  s.act = &act_[size(newest_)];
  s.act_stride = act_stride_;
  s.weight = weight_.data();
  s.sum = sum;
  s.rows = static_cast<std::int32_t>(rows_);
  s.columns = static_cast<std::int32_t>(columns_);
  s.from = limited(from);
  s.to = limited(to);
  s.cycles = static_cast<std::int32_t>(cycles);
  return s;
}

SkewedFeeder::SkewedFeeder(const ArrayWork& work)
    : act_(*work.pe, work.formats, Int16Decoder::Operand::kAct),
      weight_(*work.pe, work.formats, Int16Decoder::Operand::kWeight) {}

std::shared_ptr<const SkewedFeed> SkewedFeeder::feed(const ArrayWork& work,
                                                     const ArrayJob& job) const {
  const ArrayTiming& t = work.timing;
  auto feed = std::make_shared<SkewedFeed>(t.rows, t.cols, job.steps * t.step_cycles());
  fill_acts(work, job, *feed);
  fill_weights(work, job, *feed);
  return feed;
}

void SkewedFeeder::fill_acts(const ArrayWork& work, const ArrayJob& job, SkewedFeed& feed) const {
  const std::int64_t step = work.timing.step_cycles();
  std::vector<Code> codes;
  std::vector<std::int16_t> acts(size(job.k));
  for (std::int64_t i = 0; i < job.m; ++i) {
    int exponent = 0;
    receive_row(work, job, i, codes, exponent);
    feed.exponent.push_back(exponent);
    act_.decode(codes.data(), job.k, acts.data(), 1);
    std::int16_t* to = &feed.act_[feed.act_at(i, 0)];
    for (std::int64_t k = 0; k < job.k; ++k) to[-k * step] = acts[size(k)];
    if (!work.zero_points) continue;
    feed.row_sums.push_back(row_sum_int16(work, codes, acts.data(), feed.row_sum_overflows));
  }
}

void SkewedFeeder::fill_weights(const ArrayWork& work, const ArrayJob& job,
                                SkewedFeed& feed) const {
  const std::int64_t step = work.timing.step_cycles(), columns = feed.columns_;
  // A column's entries, with a zero on either side for pairs that begin or end outside.
  std::vector<std::int16_t> line(size(feed.entries_ + 2));
  for (std::int64_t j = 0; j < job.n; ++j) {
    const std::uint16_t* codes = &work.operands->weight[size((job.n0 + j) * work.operands->k)];
    weight_.decode(codes + job.k0, job.k, &line[1], step);
    // Pairs of successive cycles, the first of them even: entry `cycle - j` and the next.
    for (std::int64_t cycle = j & ~std::int64_t{1}; cycle < j + feed.entries_; cycle += 2) {
      const auto first = static_cast<std::uint16_t>(line[size(1 + cycle - j)]);
      const auto second = static_cast<std::uint16_t>(line[size(2 + cycle - j)]);
      feed.weight_[size(cycle / 2 * columns + j)] =
          static_cast<std::int32_t>(std::uint32_t{second} << 16 | first);
    }
  }
}

}  // namespace mixpe
