`include "mixpe_assert.svh"

// When the sums of a weight-stationary array arrive below its first column, and when their lanes take
// them (docs/timing.md); the columns after it follow a cycle apart.
//  * step_i: at the edge, the cycle before PE(0,0) has the step. Its sum arrives (last_row + 1) * hop +
//    ProductLatency cycles later. hop: AddLatency, one more if hop_more_i.
//  * arrive_o: a sum of the K-tile's step row_o; begin_o: the K-tile begins a segment.
//  * slot_o: the lane takes the sum of row lane_row_o, direct_o: the one that arrives. Others wait
//    (keep_o); a value leaves Interval cycles after the one before, or later.
module arrival_control #(
  parameter int Rows = 4,
  parameter int AccumulatorRows = 16,
  parameter int Interval = 1,
  parameter int ProductLatency = 0,
  parameter int AddLatency = 1,
  parameter bit Wide = 1'b0,
  parameter int RowBits = (Rows > 1) ? $clog2(Rows) : 1,
  parameter int AccRowBits = (AccumulatorRows > 1) ? $clog2(AccumulatorRows) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  hop_more_i,  // static
  input  logic                  step_i,
  input  logic                  first_i,
  input  logic                  begin_i,
  input  logic                  end_i,
  input  logic [RowBits-1:0]    last_row_i,
  input  logic [4:0]            exponent_i,  // of the step's activations, if they are aligned
  output logic                  arrive_o,
  output logic                  begin_o,
  output logic                  keep_o,
  output logic [RowBits-1:0]    last_row_o,
  output logic [4:0]            exponent_o,
  output logic [AccRowBits-1:0] row_o,
  output logic                  slot_o,
  output logic                  direct_o,
  output logic [AccRowBits-1:0] lane_row_o
);
  // ---- A step waits: that of a K-tile of fewer rows enters further on.
  localparam int Longest = Rows * (AddLatency + (Wide ? 1 : 0)) + ProductLatency;
  localparam int DelayBits = $clog2(Longest + 1);
  localparam int Tags = 3 + RowBits + 5;
  logic [DelayBits-1:0]    rows, hop, delay;
  logic [Longest-1:0]      waiting_q, arriving;  // [n]: arrives in n cycles
  logic [Longest*Tags-1:0] tags_q;
  logic [Tags-1:0]         tags, arrived;
  assign rows = DelayBits'(last_row_i) + 1'b1;
  assign hop = (Wide && hop_more_i) ? DelayBits'(AddLatency + 1) : DelayBits'(AddLatency);
  assign delay = DelayBits'(rows * hop) + DelayBits'(ProductLatency);
  assign tags = {first_i, begin_i, end_i, last_row_i, exponent_i};
  for (genvar n = 0; n < Longest; n++) begin : gen_wait
    logic            enters, follows;
    logic [Tags-1:0] tags_before;
    assign enters = step_i & (delay == DelayBits'(n + 1));
    if (n == Longest - 1) begin : gen_first
      assign follows = 1'b0;
      assign tags_before = tags;
    end else begin : gen_next
      assign follows = waiting_q[n+1];
      assign tags_before = tags_q[(n+1)*Tags +: Tags];
    end
    assign arriving[n] = enters | follows;
    always_ff @(posedge clk_i) tags_q[n*Tags +: Tags] <= enters ? tags : tags_before;
    `MIXPE_ASSERT(StepsArriveOneAfterAnother, !(enters && follows))
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) waiting_q <= '0;
    else waiting_q <= arriving;
  end

  // ---- Arrival: rows are counted from the K-tile's first step.
  logic                  first, ends, coming;
  logic [AccRowBits-1:0] next_q;
  assign arrived = tags_q[Tags-1:0];
  assign arrive_o = waiting_q[0];
  assign {first, begin_o, ends, last_row_o, exponent_o} = arrived;
  assign row_o = first ? '0 : next_q;
  assign coming = arrive_o & ends;
  always_ff @(posedge clk_i) if (arrive_o) next_q <= row_o + 1'b1;

  // ---- Slots.
  localparam int PhaseBits = (Interval > 1) ? $clog2(Interval) : 1;
  localparam logic [PhaseBits-1:0] Period = PhaseBits'(Interval - 1);
  logic [AccRowBits:0]   held_q;   // sums that wait
  logic [PhaseBits-1:0]  phase_q;  // cycles until a value may leave
  logic [AccRowBits-1:0] lane_next_q;
  assign slot_o = (coming | (|held_q)) & ~|phase_q;
  assign direct_o = slot_o & ~|held_q;
  assign keep_o = ~(ends & direct_o);
  assign lane_row_o = (coming & first) ? '0 : lane_next_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q <= '0;
      phase_q <= '0;
    end else begin
      held_q <= held_q + (AccRowBits + 1)'(coming) - (AccRowBits + 1)'(slot_o);
      if (slot_o) phase_q <= Period;
      else if (|phase_q) phase_q <= phase_q - 1'b1;
    end
  end
  always_ff @(posedge clk_i) lane_next_q <= lane_row_o + AccRowBits'(slot_o);

  // The edge inserted too few bubbles otherwise.
  `MIXPE_ASSERT(LanesAreDoneWithTheSegmentBefore,
                !(coming && first) || (!(|held_q) && !(|phase_q)))
  `MIXPE_ASSERT(SumsThatWaitAreNotOverwritten,
                !(arrive_o && !ends && |held_q &&
                  {1'b0, row_o} >= {1'b0, lane_row_o} + (AccRowBits + 1)'(slot_o)))
  localparam logic [AccRowBits:0] End = (AccRowBits + 1)'(AccumulatorRows);
  `MIXPE_ASSERT(NoMoreThanAccumulatorRows,
                !arrive_o || ({1'b0, row_o} < End && (first || row_o != '0)))
endmodule
