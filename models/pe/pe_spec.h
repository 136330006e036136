#pragma once
// What a PE declares of itself (its pe.yaml, with the user's parameters applied). Plain data.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/formats/format.h"

namespace mixpe {

/// In what a PE holds its running sum, and so what reaches the dequantisation unit.
enum class SumKind { kInteger, kFloat32 };

/// One way a PE can work: which operands, how many at a time, how often.
struct PeMode {
  std::string name;             ///< e.g. "w4"; its MACs are the event "mac.<name>"
  std::vector<Format> weights;  ///< weight formats it takes
  std::vector<Format> acts;     ///< activation formats it takes
  int lanes_m = 1;              ///< outputs along m a PE holds
  int lanes_n = 1;              ///< outputs along n a PE holds
  int lanes_k = 1;              ///< products along k added per step
  int ii = 1;                   ///< cycles from one step to the next

  bool takes(const Format& weight, const Format& act) const;
};

struct PeEvent {
  std::string name;  ///< e.g. "mac.w4"
  std::string unit;
  std::string description;
};

struct PeSpec {
  std::string name;
  std::string description;                    ///< one line, for `mixpe list`
  std::string source;                         ///< paper, section
  std::map<std::string, std::string> params;  ///< every parameter, resolved, as text
  bool has_values = true;                     ///< false: a PE on paper, timing and prices only
  SumKind sum_kind = SumKind::kInteger;
  int acc_bits = 32;        ///< width of the running sum
  int row_sum_bits = 32;    ///< width of the row-sum adder at the edge
  int product_latency = 0;  ///< pipeline stages between operands and the adder
  int add_latency = 1;      ///< cycles of the adder; 1 = unit PE latency
  int interleave = 1;       ///< product k of a segment joins sum k mod interleave (OS)
  bool prescan = false;  ///< the edge scans a segment for its largest exponent before streaming it
  std::vector<PeMode> modes;
  std::vector<PeEvent> events;

  /// The first mode that takes these operands; none if the PE cannot run them.
  const PeMode* find_mode(const Format& weight, const Format& act) const;
  /// OS: the cycles between steps, also long enough for the adder's latency.
  int os_ii(const PeMode& mode) const {
    const int adder = (add_latency + interleave - 1) / interleave;
    return mode.ii > adder ? mode.ii : adder;
  }
  /// OS: cycles in which the interleaved sums are merged, in index order, at a segment's end.
  int os_merge_cycles() const { return (interleave - 1) * add_latency; }
};

}  // namespace mixpe
