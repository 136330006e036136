#pragma once
// For the unit tests of PEs: a spec without its pe.yaml, and segments run through the contract.

#include <map>
#include <string>
#include <vector>

#include "models/pe/registry.h"

namespace mixpe::testing {

struct SpecFields {
  SumKind sum_kind = SumKind::kInteger;
  int acc_bits = 32;
  int row_sum_bits = 32;
  int interleave = 1;
  std::map<std::string, std::string> params = {};
};

inline std::unique_ptr<PeModel> make_test_pe(const std::string& name, const SpecFields& fields) {
  PeSpec spec;
  spec.name = name;
  spec.sum_kind = fields.sum_kind;
  spec.acc_bits = fields.acc_bits;
  spec.row_sum_bits = fields.row_sum_bits;
  spec.interleave = fields.interleave;
  spec.params = fields.params;
  return make_pe(std::move(spec));
}

struct Segment {
  std::vector<Code> acts;
  std::vector<Code> weights;
  Operands formats;
};

struct SegmentSum {
  Sum sum;
  int exponent = 0;
  std::uint64_t overflows = 0;
};

/// One segment as an output-stationary PE sums it: aligned, interleaved, merged in index order.
inline SegmentSum run_segment(const PeModel& pe, Segment s) {
  SegmentSum out;
  pe.align_segment(s.acts, s.formats, out.exponent);
  const auto p = static_cast<std::size_t>(pe.spec().interleave);
  std::vector<Sum> sums(p);
  for (std::size_t k = 0; k < s.acts.size(); ++k) {
    pe.mac(sums[k % p], s.acts[k], s.weights[k], s.formats, out.overflows);
  }
  for (std::size_t i = 1; i < p; ++i) pe.merge(sums[0], sums[i], out.overflows);
  out.sum = sums[0];
  return out;
}

/// `count` times the same operands.
inline SegmentSum run_constant(const PeModel& pe, Code act, Code weight, const Operands& formats,
                               std::size_t count) {
  return run_segment(pe,
                     {std::vector<Code>(count, act), std::vector<Code>(count, weight), formats});
}

}  // namespace mixpe::testing
