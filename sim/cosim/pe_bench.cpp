#include "sim/cosim/pe_bench.h"

#include "models/core/errors.h"
#include "models/formats/floats.h"

namespace mixpe {
namespace {

std::uint64_t low_bits(std::uint64_t value, int bits) {
  return value & (~std::uint64_t{0} >> (64 - bits));
}

}  // namespace

PeBench::PeBench(const PeModel& pe, const PeRtl& rtl, const Operands& formats, FlatModule& module)
    : pe_(pe),
      rtl_(rtl),
      formats_(formats),
      stream_(module, rtl.ports()),
      lanes_(static_cast<std::size_t>(pe.spec().find_mode(formats.weight, formats.act)->lanes_k)),
      mac_cycles_(rtl.mac_cycles(formats.weight)) {
  const auto at = [&module](const char* port) { return module.offset(port); };
  words_ = {at("rst_ni"),  at("weight_signed_i"), at("weight_wide_i"), at("act_i"),
            at("valid_i"), at("first_i"),         at("last_i"),        at("shift_i"),
            at("wgt_i"),   at("take_i"),          at("sum_i"),         at("act_o"),
            at("valid_o"), at("first_o"),         at("last_o"),        at("shift_o"),
            at("wgt_o"),   at("take_o"),          at("sum_o"),         at("overflow_o")};
  if (rtl.mode_bits > 0) {
    mode_i_ = at("mode_i");
    mode_ = rtl.mode_word(pe.spec(), formats);
  }
  check_invariant(lanes_ == 1 || pe.spec().interleave == 1, "lanes along k have one sum");
}

std::uint64_t PeBench::sum_word(const Sum& sum) const {
  if (pe_.spec().sum_kind == SumKind::kFloat32) return float_to_bits(sum.real);
  const std::uint64_t number =
      low_bits(static_cast<std::uint64_t>(sum.integer), pe_.spec().acc_bits);
  return rtl_.flag_bits == 0 ? number : number | std::uint64_t{sum.special} << pe_.spec().acc_bits;
}

/// What the port's unused bits carry must make no difference.
std::uint64_t PeBench::weight_word(std::span<const Code> weights, bool high,
                                   CaseRandom& random) const {
  const std::uint64_t word = rtl_.weight_word(weights, formats_.weight, high);
  const int used = static_cast<int>(weights.size()) * rtl_.weight_field(formats_.weight);
  return used >= rtl_.wgt_bits ? word : word | low_bits(random(), rtl_.wgt_bits) >> used << used;
}

void PeBench::drive(const PeInputs& inputs) {
  stream_.set(words_.rst_n, 1);
  stream_.set(words_.weight_signed, formats_.weight.is_signed());
  stream_.set(words_.weight_wide, mac_cycles_ == 2);
  if (mode_i_ >= 0) stream_.set(mode_i_, mode_);
  stream_.set(words_.act_i, inputs.act);
  stream_.set(words_.valid_i, inputs.valid);
  stream_.set(words_.first_i, inputs.first);
  stream_.set(words_.last_i, inputs.last);
  stream_.set(words_.shift_i, inputs.shift);
  stream_.set(words_.wgt_i, inputs.weight);
  stream_.set(words_.take_i, inputs.take);
  stream_.set(words_.sum_i, inputs.sum);
  stream_.expect(words_.act_o, inputs.act);
  stream_.expect(words_.valid_o, inputs.valid);
  stream_.expect(words_.first_o, inputs.first);
  stream_.expect(words_.last_o, inputs.last);
}

// --- Output-stationary ---

int OsPeBench::capture_delay() const {
  const PeSpec& spec = pe_.spec();
  return spec.product_latency + spec.add_latency - 1 + spec.os_merge_cycles();
}

/// The segment's sum, and which of its steps wrap.
std::uint64_t OsPeBench::golden(const SegmentCase& segment) {
  aligned_ = segment.acts;
  int exponent = 0;
  pe_.align_segment(aligned_, formats_, exponent);
  const auto p = static_cast<std::size_t>(pe_.spec().interleave);
  static constexpr std::size_t kMostSums = 16;
  std::array<Sum, kMostSums> sums{};
  check_invariant(p <= kMostSums, "more interleaved sums than pe.yaml allows");
  wraps_.assign((aligned_.size() + lanes_ - 1) / lanes_, false);
  for (std::size_t i = 0; i < steps(); ++i) {
    const std::uint64_t before = overflows_;
    pe_.step(sums[i % p], lanes_of(aligned_, i), lanes_of(segment.weights, i), formats_,
             overflows_);
    wraps_[i] = overflows_ != before;
  }
  for (std::size_t i = 1; i < p; ++i) pe_.merge(sums[0], sums[i], overflows_);
  return sum_word(sums[0]);
}

void OsPeBench::run(const SegmentCase& segment, std::uint64_t case_number, CaseRandom& random) {
  case_ = case_number;
  const std::uint64_t value = golden(segment);
  for (std::size_t i = 0; i < steps(); ++i) {
    while (random.percent(segment.idle_percent)) cycle(segment, random);
    issue(segment, i, random);
  }
  captures_.push_back(
      {last_cycle_ + 1 + static_cast<std::uint64_t>(capture_delay()), value, case_number});
  for (int i = 0; i < pe_.spec().os_merge_cycles(); ++i) cycle(segment, random);
}

/// A step: its cycles with an operand, then those that keep the distance of one sum's steps.
void OsPeBench::issue(const SegmentCase& segment, std::size_t step, CaseRandom& random) {
  const bool end = step + 1 == steps();
  const int cycles = std::max(mac_cycles(), pe_.spec().os_ii(PeMode{}));
  const bool late = end && cycles == mac_cycles() && segment.late_last && random.percent(50);
  for (int i = 0; i < cycles; ++i) {
    if (i < mac_cycles()) {
      next_.act = rtl_.act_word(lanes_of(aligned_, step), formats_.act);
      next_.weight = weight_word(lanes_of(segment.weights, step), i > 0, random);
      next_.valid = true;
      next_.first = step == 0 && i == 0;
      if (i + 1 == mac_cycles()) {
        const std::uint64_t due =
            stream_.cycle() + static_cast<std::uint64_t>(pe_.spec().product_latency);
        overflow_due_[due % kRing] = wraps_[step];
      }
    }
    next_.last = end && i + 1 == cycles && !late;
    cycle(segment, random);
  }
  if (late) {
    while (random.percent(50)) cycle(segment, random);
    next_.last = true;
    cycle(segment, random);
  }
}

bool OsPeBench::captures_in(std::uint64_t cycle) const {
  for (const std::uint64_t c : capturing_) {
    if (c == cycle) return true;
  }
  return false;
}

void OsPeBench::cycle(const SegmentCase& pace, CaseRandom& random) {
  const std::uint64_t now = stream_.cycle();
  if (next_.last) {
    last_cycle_ = now;
    capturing_.push_back(now + 1 + static_cast<std::uint64_t>(capture_delay()));
  }
  // A shift taken now acts in the next cycle, which must not capture.
  next_.shift = random.percent(pace.shift_percent) && !captures_in(now + 1);
  next_.sum = low_bits(random(), rtl_.sum_bits);
  drive(next_);
  stream_.expect(words_.wgt_o, next_.weight);
  stream_.expect(words_.shift_o, next_.shift);
  stream_.expect(words_.take_o, 0);
  stream_.expect(words_.overflow_o, overflow_due_[now % kRing]);
  overflow_due_[now % kRing] = false;

  if (shifting_) {
    shadow_ = next_.sum;
    known_ = true;
  }
  if (!captures_.empty() && captures_.front().cycle <= now) {
    shadow_ = captures_.front().value;
    shown_case_ = captures_.front().case_number;
    known_ = true;
    captures_.pop_front();
  }
  while (!capturing_.empty() && capturing_.front() <= now) capturing_.pop_front();
  if (known_) stream_.expect(words_.sum_o, shadow_);
  shifting_ = next_.shift;
  stream_.next(known_ ? shown_case_ : case_);
  next_ = {};
}

void OsPeBench::finish() {
  CaseRandom random(0, 0);
  const SegmentCase quiet;
  constexpr int kAfter = 4;  // nothing more may come
  while (!captures_.empty()) cycle(quiet, random);
  for (int i = 0; i < kAfter; ++i) cycle(quiet, random);
  stream_.flush();
}

// --- Weight-stationary ---

void WsPeBench::run(const TileCase& tile, std::uint64_t case_number, CaseRandom& random) {
  case_ = case_number;
  const auto product = static_cast<std::uint64_t>(pe_.spec().product_latency);
  const auto latency = product + static_cast<std::uint64_t>(pe_.spec().add_latency);
  const auto parts = static_cast<std::uint64_t>(mac_cycles());
  PeInputs load;
  load.weight = weight_word(tile.weights, false, random);
  load.take = true;
  cycle(load, random);
  for (std::uint64_t i = random.below(3); i > 0; --i) cycle({}, random);
  for (std::size_t i = 0; i < tile.steps(); ++i) {
    while (i > 0 && random.percent(tile.idle_percent)) cycle({}, random);
    Sum sum = tile.psums[i];
    const std::uint64_t before = overflows_;
    pe_.step(sum, tile.acts_of(i), tile.weights, formats_, overflows_);
    const std::uint64_t now = stream_.cycle();
    at(psums_, now + product + 1) = {true, sum_word(tile.psums[i])};
    at(wraps_, now + parts + product) = {true, std::uint64_t{overflows_ != before}};
    at(results_, now + parts - 1 + latency) = {true, sum_word(sum)};
    for (std::uint64_t part = 0; part < parts; ++part) {
      PeInputs step;
      step.act = rtl_.act_word(tile.acts_of(i), formats_.act);
      step.valid = true;
      step.first = i == 0 && part == 0;
      step.last = part + 1 == parts;
      // The weight of a later tile is taken behind this one's back.
      step.take = !step.first && random.percent(5);
      cycle(step, random);
    }
  }
}

void WsPeBench::cycle(PeInputs inputs, CaseRandom& random) {
  const std::uint64_t now = stream_.cycle();
  if (!inputs.take || inputs.valid) {
    inputs.weight = low_bits(random(), rtl_.wgt_bits);
  }
  inputs.sum = low_bits(random(), rtl_.sum_bits);
  Due& psum = at(psums_, now);
  if (psum.set) inputs.sum = psum.value;
  psum = {};
  drive(inputs);
  // With its last operands and the sum from above the adder shows whether it wraps.
  Due& wraps = at(wraps_, now);
  stream_.expect_before(words_.overflow_o, wraps.value);
  wraps = {};
  Due& result = at(results_, now);
  if (result.set) stream_.expect(words_.sum_o, result.value);
  result = {};
  const int hop = mac_cycles() + pe_.spec().add_latency - 1;
  at(passed_weights_, now + static_cast<std::uint64_t>(hop) - 1) = {true, inputs.weight};
  Due& passed = at(passed_weights_, now);
  if (passed.set) stream_.expect(words_.wgt_o, passed.value);
  passed = {};
  stream_.expect(words_.take_o, inputs.take);
  stream_.expect(words_.shift_o, 0);
  stream_.next(case_);
}

void WsPeBench::finish() {
  CaseRandom random(0, 0);
  for (std::size_t i = 0; i < kRing / 2; ++i) cycle({}, random);
  stream_.flush();
}

}  // namespace mixpe
