#include "sim/timing/engines/operand_feed.h"

#include <algorithm>
#include <span>

#include "sim/timing/engines/int16_decoder.h"

namespace mixpe {
namespace {

/// Fills one of the feed's pairs of vectors. `act` and `weight` turn a code into T; what is padding
/// stays `blank`.
template <typename T, typename Act, typename Weight>
class Filler {
 public:
  Filler(const ArrayWork& work, const ArrayJob& job, OperandFeed& feed, Act act, Weight weight)
      : work_(work), t_(work.timing), job_(job), feed_(feed), act_(act), weight_(weight) {}

  void fill(std::vector<T>& act, std::vector<T>& weight, T blank) {
    const bool os = t_.dataflow == Dataflow::kOutputStationary;
    const std::int64_t act_bundles = job_.steps * t_.rows;
    const std::int64_t weight_bundles = os ? job_.steps * t_.cols : t_.rows * t_.cols;
    act.assign(static_cast<std::size_t>(act_bundles * t_.lanes_m * t_.lanes_k), blank);
    weight.assign(static_cast<std::size_t>(weight_bundles * t_.lanes_n * t_.lanes_k), blank);
    fill_act(act, os);
    fill_weight(weight);
  }

 private:
  void fill_act(std::vector<T>& out, bool os) {
    std::vector<Code> codes(static_cast<std::size_t>(job_.segment_k));
    for (std::int64_t i = 0; i < job_.m; ++i) {
      const std::uint16_t* row =
          &work_.operands->act[static_cast<std::size_t>((job_.m0 + i) * work_.operands->k)];
      std::copy(row + job_.segment_k0, row + job_.segment_k0 + job_.segment_k, codes.begin());
      work_.pe->align_segment(codes, work_.formats, feed_.exponent[static_cast<std::size_t>(i)]);
      for (std::int64_t kk = 0; kk < job_.k; ++kk) {
        const std::int64_t pe_row = os ? i / t_.lanes_m : kk / t_.lanes_k;
        const std::int64_t step = os ? kk / t_.lanes_k : i / t_.lanes_m;
        const std::int64_t lane = (i % t_.lanes_m) * t_.lanes_k + kk % t_.lanes_k;
        out[static_cast<std::size_t>(((step * t_.rows) + pe_row) * t_.lanes_m * t_.lanes_k +
                                     lane)] =
            act_(codes[static_cast<std::size_t>(job_.k0 - job_.segment_k0 + kk)]);
      }
    }
  }

  void fill_weight(std::vector<T>& out) {
    for (std::int64_t j = 0; j < job_.n; ++j) {
      const std::uint16_t* row =
          &work_.operands->weight[static_cast<std::size_t>((job_.n0 + j) * work_.operands->k)];
      for (std::int64_t kk = 0; kk < job_.k; ++kk) {
        // OS: of a step; WS: of a row of PEs.
        const std::int64_t line = kk / t_.lanes_k;
        const std::int64_t lane = (j % t_.lanes_n) * t_.lanes_k + kk % t_.lanes_k;
        out[static_cast<std::size_t>((line * t_.cols + j / t_.lanes_n) * t_.lanes_n * t_.lanes_k +
                                     lane)] = weight_(row[job_.k0 + kk]);
      }
    }
  }

  const ArrayWork& work_;
  const ArrayTiming& t_;
  const ArrayJob& job_;
  OperandFeed& feed_;
  Act act_;
  Weight weight_;
};

template <typename T, typename Act, typename Weight>
void fill(const ArrayWork& work, const ArrayJob& job, OperandFeed& feed, std::vector<T>& act_out,
          std::vector<T>& weight_out, T blank, Act act, Weight weight) {
  Filler<T, Act, Weight>(work, job, feed, act, weight).fill(act_out, weight_out, blank);
}

}  // namespace

namespace {

/// True if no activation is one that only mac() knows (an infinity, say).
bool all_acts_allowed(const ArrayWork& work) {
  if (work.formats.act.is_integer()) return true;
  const GemmOperands& o = *work.operands;
  std::vector<Code> row(static_cast<std::size_t>(o.k));
  for (std::int64_t i = 0; i < o.m; ++i) {
    const std::uint16_t* codes = &o.act[static_cast<std::size_t>(i * o.k)];
    std::copy(codes, codes + o.k, row.begin());
    int exponent = 0;
    work.pe->align_segment(row, work.formats, exponent);
    for (const Code code : row) {
      if (!work.pe->fast_path_allows(code)) return false;
    }
  }
  return true;
}

}  // namespace

ValuePath value_path(const ArrayWork& work) {
  if (work.operands == nullptr || work.pe == nullptr) return ValuePath::kTimingOnly;
  const FastPath fast = work.pe->fast_path(work.formats);
  const PeSpec& pe = work.pe->spec();
  const bool one_lane =
      work.timing.lanes_m == 1 && work.timing.lanes_n == 1 && work.timing.lanes_k == 1;
  const bool fast_here = fast == FastPath::kFloat || fast == FastPath::kInt16;
  if (!one_lane || !fast_here || !all_acts_allowed(work)) return ValuePath::kOrdered;
  if (fast == FastPath::kFloat) return ValuePath::kFloat;
  // A segment is never longer than a group, or than all of K.
  const std::int64_t longest = work.operands->group > 0 && work.scale_groups
                                   ? std::min(work.operands->group, work.operands->k)
                                   : work.operands->k;
  return pe.interleave == 1 && pe.acc_bits <= 32 && work.pe->cannot_overflow(work.formats, longest)
             ? ValuePath::kInt16
             : ValuePath::kOrdered;
}

namespace {

/// What Filler does, faster, for 16-bit operands and PEs with one lane each way.
void fill_int16(const ArrayWork& work, const ArrayJob& job, OperandFeed& feed) {
  const ArrayTiming& t = work.timing;
  const PeModel& pe = *work.pe;
  const Operands& f = work.formats;
  const bool os = t.dataflow == Dataflow::kOutputStationary;
  const Int16Decoder act(pe, f, Int16Decoder::Operand::kAct);
  const Int16Decoder weight(pe, f, Int16Decoder::Operand::kWeight);
  feed.act16.assign(static_cast<std::size_t>(job.steps * t.rows), 0);
  feed.weight16.assign(static_cast<std::size_t>((os ? job.steps : t.rows) * t.cols), 0);
  std::vector<Code> codes(static_cast<std::size_t>(job.segment_k));
  for (std::int64_t i = 0; i < job.m; ++i) {
    const std::uint16_t* row =
        &work.operands->act[static_cast<std::size_t>((job.m0 + i) * work.operands->k)];
    std::copy(row + job.segment_k0, row + job.segment_k0 + job.segment_k, codes.begin());
    pe.align_segment(codes, f, feed.exponent[static_cast<std::size_t>(i)]);
    const Code* part = &codes[static_cast<std::size_t>(job.k0 - job.segment_k0)];
    // OS: row i takes element k in step k. WS: row k takes it in step i.
    act.decode(part, job.k, &feed.act16[static_cast<std::size_t>(os ? i : i * t.rows)],
               os ? t.rows : 1);
  }
  for (std::int64_t j = 0; j < job.n; ++j) {
    const std::uint16_t* row =
        &work.operands->weight[static_cast<std::size_t>((job.n0 + j) * work.operands->k)];
    weight.decode(row + job.k0, job.k, &feed.weight16[static_cast<std::size_t>(j)], t.cols);
  }
}

}  // namespace

std::shared_ptr<const OperandFeed> make_feed(const ArrayWork& work, const ArrayJob& job,
                                             ValuePath path) {
  auto feed = std::make_shared<OperandFeed>();
  if (path == ValuePath::kTimingOnly || !job.values) return feed;
  const PeModel& pe = *work.pe;
  const Operands& f = work.formats;
  feed->exponent.assign(static_cast<std::size_t>(job.m), 0);
  const auto keep = [](Code code) { return code; };
  switch (path) {
    case ValuePath::kInt16:
      fill_int16(work, job, *feed);
      break;
    case ValuePath::kFloat:
      fill(
          work, job, *feed, feed->act_real, feed->weight_real, 0.0F,
          [&](Code code) { return pe.act_float(code, f.act); },
          [&](Code code) { return pe.weight_float(code, f.weight); });
      break;
    default:
      fill(work, job, *feed, feed->act, feed->weight, kNoOperand, keep, keep);
  }
  return feed;
}

}  // namespace mixpe
