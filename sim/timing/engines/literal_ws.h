#pragma once
// The weight-stationary array as registers: nothing is known about time but the edge's slot.
//  * Weights of array row r enter r cycles after row 0's and move down one row every `hop` cycles;
//    each PE keeps the one addressed to its row, and turns to it when its K-tile's first activation
//    arrives. hop = cycles by which a row follows the row above (docs/timing.md).
//  * Psums move down and meet the activations of their own step, or it is an InvariantError; so are
//    weights that come late or too early, two sums at one accumulator port, a waiting sum that is
//    overwritten, and a lane that finds nothing.

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/edge_sequencer.h"
#include "sim/timing/engines/operand_feed.h"
#include "sim/timing/engines/output_lanes.h"
#include "sim/timing/engines/registers.h"

namespace mixpe {

class LiteralWs final : public ArrayState {
 public:
  explicit LiteralWs(const ArrayWork& work);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  void catch_up() {}  ///< it is never behind
  bool drained() const { return arrivals_left_ == 0 && adding_left_ == 0 && lanes_.drained(); }
  bool empty() const { return arrivals_left_ == 0 && adding_left_ == 0 && lanes_.empty(); }
  void skip_to(std::int64_t) {}  ///< an empty array does not know time
  void discard_values();
  std::deque<CompletedTile>& completed() { return lanes_.completed(); }
  const Counters& counters() const { return lanes_.counters(); }

  bool valid(std::int64_t row, std::int64_t col) const override;
  std::int64_t act(std::int64_t row, std::int64_t col) const override;
  std::int64_t weight(std::int64_t row, std::int64_t col) const override;
  Sum sum(std::int64_t row, std::int64_t col) const override;
  bool shadow_valid(std::int64_t, std::int64_t) const override { return false; }
  Sum shadow(std::int64_t, std::int64_t) const override { return {}; }

 private:
  /// A K-tile whose sums have not all left the columns.
  struct KTile {
    ArrayJob job;
    std::int64_t segment = -1;  ///< its number with the lanes, if it ends one
    std::int64_t columns_left = 0;
    std::shared_ptr<const OperandFeed> feed;
  };
  /// A column's sums of one step, below the array.
  struct Arrival {
    std::int64_t delay = 0;  ///< cycles to the accumulator: columns that share a PE take turns
    std::int32_t step = 0;
    std::vector<Sum> sums;  ///< [lanes_m]
  };
  /// An accumulator of one output column.
  struct Accumulator {
    Sum sum;
    bool waiting = false;  ///< complete, and not yet taken by the lane
  };
  /// The counters of one output column.
  struct Column {
    std::deque<Arrival> arriving;
    std::int64_t ktile = 0;  ///< number of the K-tile that arrives
    std::int64_t index = 0;  ///< step of it that arrives next
    std::int64_t last_arrival = -1;
    std::int64_t rows_left = 0;  ///< sums the lane has yet to take
    std::int64_t row = 0, phase = 0;
    std::int64_t segment = 0;  ///< that the lane is taking
    std::vector<Sum> direct;   ///< sums that arrived in this cycle
    std::int64_t direct_row = -1;
    std::vector<Accumulator> memory;
  };
  struct RowSum {
    std::int64_t segment = 0, row = 0;
    Sum sum;
    bool read = false;  ///< by the last column that takes part
  };

  void begin(const EdgeSlot& slot);
  void load(const EdgeSlot& slot);
  void enter(const EdgeSlot& slot);
  void turn_to_new_weights();
  void latch_weights();
  void add_products();
  void add_in_order(std::size_t pe, const std::int32_t* tags);
  void leave_array(std::int64_t row, std::int64_t col);
  void arrive(std::int64_t col, std::int64_t cycle);
  void accumulate(Column& column, std::int64_t col, const KTile& ktile, const Arrival& arrival);
  void add_row_sums(const KTile& ktile, std::int64_t index);
  void drain(std::int64_t col, std::int64_t cycle);
  Sum row_sum(const Column& column, std::int64_t col, const ArrayJob& job);
  Sum psum(std::size_t output) const;
  std::size_t outputs_per_pe() const { return static_cast<std::size_t>(t_.lanes_m * t_.lanes_n); }

  ArrayWork work_;
  ArrayTiming t_;
  ValuePath path_;
  std::int64_t hop_;
  std::int64_t pes_;
  OutputLanes lanes_;
  std::shared_ptr<const OperandFeed> feed_;
  bool job_values_ = false;
  std::int64_t since_begin_ = 0, since_load_ = 0;
  std::int32_t step_number_ = 0;

  // Activations: tags, the number of their step, operands.
  OperandRegisters<std::int32_t> tags_, steps_;
  OperandRegisters<std::int16_t> act16_;
  OperandRegisters<Code> act_;
  std::vector<std::int32_t> tags_in_, steps_in_;

  // Weights: the chain (its rows are `hop` registers apart), next and current, with their tags.
  OperandRegisters<std::int16_t> chain_tags_, chain16_;
  OperandRegisters<Code> chain_;
  std::vector<std::int16_t> chain_tags_in_;
  ArrayJob load_job_;
  std::shared_ptr<const OperandFeed> load_feed_;
  std::vector<std::int16_t> next_tag_, weight_tag_;  ///< [PE] 0: none
  std::vector<std::uint8_t> in_use_;                 ///< [PE] the K-tile's last step has not come
  std::vector<std::int16_t> next16_, weight16_;
  std::vector<Code> next_, weight_;
  std::deque<std::vector<std::int16_t>> product_weight16_;  ///< with the product's pipeline
  std::deque<std::vector<Code>> product_weight_;

  // Psums: [stage][PE][lane]; the last stage is the register that the row below reads.
  std::deque<std::vector<std::int32_t>> psum_steps_;  ///< 0: none
  std::deque<std::vector<std::int32_t>> psum_integers_;
  std::deque<std::vector<Sum>> psums_;

  std::deque<KTile> ktiles_;
  std::int64_t first_ktile_ = 0;
  std::int64_t arrivals_left_ = 0;
  std::int64_t adding_left_ = 0;  ///< cycles of the last accumulator's read-modify-write
  std::vector<Column> columns_;
  std::vector<Sum> row_adders_;  ///< [row of the chunk]
  std::deque<RowSum> row_sums_;
  std::int64_t fifo_depth_ = 0;
};

}  // namespace mixpe
