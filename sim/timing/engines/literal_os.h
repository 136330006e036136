#pragma once
// The output-stationary array as registers: nothing is known about time but the edge's slot.
//  * Per clock: operands and tags move one PE on; adders finish; sums are captured; shadow
//    registers shift; lanes take what stands at the last active row.
//  * A shadow register taken before it is empty, a sum read while an add is in flight, a lane that
//    finds nothing, a FIFO too small: InvariantError.

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/edge_sequencer.h"
#include "sim/timing/engines/operand_feed.h"
#include "sim/timing/engines/output_lanes.h"
#include "sim/timing/engines/registers.h"
#include "sim/timing/engines/shadow_chain.h"
#include "sim/timing/engines/tag_bits.h"

namespace mixpe {

class LiteralOs final : public ArrayState {
 public:
  explicit LiteralOs(const ArrayWork& work);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  void catch_up() {}  ///< it is never behind
  bool drained() const { return lanes_.drained(); }
  bool empty() const { return lanes_.empty(); }
  /// An empty array does not know time; what still moves through idle columns is gone by then.
  void skip_to(std::int64_t cycle);
  void discard_values();
  std::deque<CompletedTile>& completed() { return lanes_.completed(); }
  const Counters& counters() const { return lanes_.counters(); }

  bool valid(std::int64_t row, std::int64_t col) const override;
  std::int64_t act(std::int64_t row, std::int64_t col) const override;
  std::int64_t weight(std::int64_t row, std::int64_t col) const override;
  Sum sum(std::int64_t row, std::int64_t col) const override;
  bool shadow_valid(std::int64_t row, std::int64_t col) const override;
  Sum shadow(std::int64_t row, std::int64_t col) const override;

 private:
  /// What travels with an activation, a bit each; kReal: one for each lane along m.
  enum class RowTag {
    kStep,     ///< operands of a step
    kFirst,    ///< the segment's first: the sum restarts
    kMerge,    ///< the next interleaved sum is added to sum 0
    kCapture,  ///< the segment's last cycle
    kOdd,      ///< segments are told apart by their parity
    kBottom,   ///< the last active row
    kReal,     ///< outputs along m that exist
  };
  static constexpr std::int64_t kRowTags = 6;  ///< in front of kReal
  /// An add that has entered a PE's adder and not left it.
  struct Add {
    std::size_t output = 0;  ///< index into the grid of outputs
    std::int64_t index = 0;  ///< which of the interleaved sums
    Sum result;
  };
  /// A row sum, in its FIFO until every column's lane has read it.
  struct RowSum {
    std::int64_t number = 0;
    Sum sum;
    std::int64_t reads_left = 0;  ///< by the columns that take part
  };
  /// The drain counters of one output column.
  struct Column {
    std::int64_t rows_left = 0;  ///< sums still to leave
    std::int64_t number = -1;    ///< of the segment it is taking, or took last
    std::int64_t tap = 0;        ///< last active output row
  };

  void begin(const EdgeSlot& slot);
  void tag_job(const ArrayJob& job);
  void tell_slot(const EdgeSlot& slot);
  void enter(const EdgeSlot& slot);
  void count_edge_events(const EdgeSlot& slot);
  void add_row_sums();
  void add_row_integers();
  void add_activations(std::int64_t row);
  void merge_row_sums(std::int64_t row);
  void push_row_sum(std::int64_t output_row);
  Sum read_row_sum(const LaneValue& value);
  void start_columns();
  void drain(std::int64_t cycle);
  void compute_integers();
  void compute_in_order();
  void step_pe(std::size_t pe);
  void merge_pe(std::size_t pe);
  void finish_adds();
  void capture();
  const TagWord* for_output_rows(const TagWord* rows, std::vector<TagWord>& words) const;
  void capture_values(std::int64_t plane, const TagWord* columns);
  void count_macs();
  /// Words of the rows' bits of this kind, `stage` registers behind the operand register.
  const TagWord* row_tags(RowTag kind, std::int64_t stage) const {
    return tags_.stage(stage) + line(kind);
  }
  std::size_t line(RowTag kind) const {
    return static_cast<std::size_t>(static_cast<std::int64_t>(kind) * t_.rows);
  }
  /// [lane n][row]: outputs along n that exist.
  const TagWord* real_columns(std::int64_t stage) const {
    return weight_tags_.stage(stage) + t_.rows;
  }
  Sum result_of(std::size_t output) const;
  std::size_t output_index(std::int64_t output_row, std::int64_t output_col) const {
    return static_cast<std::size_t>(output_row * output_cols_ + output_col);
  }

  ArrayWork work_;
  ArrayTiming t_;
  ValuePath path_;
  std::int64_t interleave_;
  std::int64_t output_rows_, output_cols_;
  std::int32_t pes_;
  OutputLanes lanes_;
  ShadowChain shadow_;
  std::shared_ptr<const OperandFeed> feed_;
  bool job_values_ = false;
  int told_ = -1;              ///< the slot's bits in tags_in_
  std::int64_t segment_ = -1;  ///< number of the segment entering

  bool one_lane_;                          ///< PEs have one lane each way
  RowTags tags_;                           ///< by RowTag
  ColumnTags weight_tags_;                 ///< active columns; outputs along n that exist
  OperandRegisters<std::int16_t> step_k_;  ///< elements of k in the step, if PEs have lanes
  OperandRegisters<std::int16_t> act16_, weight16_;
  OperandRegisters<Code> act_, weight_;
  std::vector<TagWord> tags_in_, no_tags_;            ///< [kind][row]
  std::vector<TagWord> weight_tags_in_, no_columns_;  ///< [kind] bit c is column c's
  std::vector<std::int16_t> step_k_in_;
  std::vector<std::int16_t> no_operands16_;
  std::vector<Code> no_operands_;

  // Sums. Integers: one per PE. In order: [output][interleave], and the adders' pipelines.
  std::vector<std::int32_t> integers_;
  std::vector<Sum> sums_;
  std::vector<std::uint8_t> in_flight_;  ///< [output][interleave] adds not finished
  std::vector<std::int64_t> products_;   ///< [PE] products of this segment so far
  std::vector<std::int64_t> merges_;     ///< [PE] merges of this segment so far
  std::deque<std::vector<Add>> adders_;  ///< [add_latency], the newest in front

  std::vector<std::int64_t> tokens_, next_tokens_;  ///< output columns whose drain starts now
  std::vector<Column> columns_;
  /// [cycle modulo m] output columns with rows left that give one up in such a cycle.
  std::vector<std::vector<std::int64_t>> turns_;
  std::size_t turn_ = 0;
  std::vector<std::int64_t> pe_column_, plane_;  ///< [output col] its PE's, and its lane along n
  std::vector<TagWord> captured_;                ///< [row] columns that capture in this clock
  /// The same, their parity, rows and columns that exist: [output row], of PEs with lanes along m.
  std::vector<TagWord> row_captured_, row_odd_, row_real_, row_real_col_;
  std::vector<std::int64_t> row_integers_;     ///< [row] adders of integers
  std::vector<Sum> row_adders_;                ///< [output row][interleave] of others
  std::vector<std::int64_t> row_products_;     ///< [PE row] activations of this segment so far
  std::vector<std::int64_t> row_merges_;       ///< [PE row] merges of this segment so far
  std::vector<std::vector<RowSum>> row_sums_;  ///< [output row] FIFOs, the oldest in front
  std::vector<std::int64_t> row_segment_;      ///< [PE row] number of the segment entering the row
  std::int64_t fifo_depth_ = 0;
};

}  // namespace mixpe
