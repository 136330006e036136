`include "mixpe_assert.svh"

// When the sums of an output-stationary array leave it: slot(i, j) of docs/timing.md for the first
// column; the columns after it follow a cycle apart.
//  * last_i: at the edge, the cycle before PE(0,0) has it. The bottom active row has captured
//    `Latency + last_row` cycles after PE(0,0) has the tag; its value has slot 0.
//  * slot_o, registered: the value of row slot_row_o leaves the first column, at row slot_last_o.
//  * shift_o goes to the PEs' shift_i a cycle before the slot, so the chain moves at the slot's end.
//    Row r takes the row above only while that still holds the old segment: r times.
module drain_control #(
  parameter int Rows = 4,
  parameter int Interval = 1,  // m
  parameter int Latency = 1,   // X + 1 + merge: from `last` in a PE to the sum in its shadow register
  parameter int RowBits = (Rows > 1) ? $clog2(Rows) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               last_i,
  input  logic [RowBits-1:0] last_row_i,  // of the segment's pass
  output logic [Rows-1:0]    shift_o,
  output logic               slot_o,
  output logic [RowBits-1:0] slot_row_o,
  output logic [RowBits-1:0] slot_last_o
);
  localparam int PhaseBits = (Interval > 1) ? $clog2(Interval) : 1;
  localparam logic [PhaseBits-1:0] Period = PhaseBits'(Interval - 1);

  // A segment's end waits here; that of a pass of fewer rows enters further on.
  localparam int Wait = Latency + Rows - 1;
  logic [Wait-1:0]         waiting_q, arriving;
  logic [Wait*RowBits-1:0] rows_q;
  for (genvar n = 0; n < Wait; n++) begin : gen_wait
    logic enters, follows;
    logic [RowBits-1:0] row_before;
    if (n < Rows) begin : gen_entry
      assign enters = last_i & (last_row_i == RowBits'(Rows - 1 - n));
    end else begin : gen_no_entry
      assign enters = 1'b0;
    end
    if (n == 0) begin : gen_first
      assign follows = 1'b0;
      assign row_before = last_row_i;
    end else begin : gen_next
      assign follows = waiting_q[n-1];
      assign row_before = rows_q[(n-1)*RowBits +: RowBits];
    end
    assign arriving[n] = enters | follows;
    always_ff @(posedge clk_i) rows_q[n*RowBits +: RowBits] <= enters ? last_row_i : row_before;
    `MIXPE_ASSERT(SegmentsEndOneAfterAnother, !(enters && follows))
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) waiting_q <= '0;
    else waiting_q <= arriving;
  end

  // Counts a segment's rows down, `Interval` cycles each. The slot itself is a cycle later.
  logic                 start, fire, busy_q;
  logic [PhaseBits-1:0] phase_q;  // cycles until a value may leave
  logic [RowBits-1:0]   row, row_q, last, last_q;
  assign start = waiting_q[Wait-1];
  assign last = start ? rows_q[(Wait-1)*RowBits +: RowBits] : last_q;
  assign row = start ? last : row_q;
  assign fire = start | (busy_q & ~|phase_q);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      phase_q <= '0;
      slot_o <= 1'b0;
    end else begin
      if (fire) busy_q <= |row;
      if (fire) phase_q <= Period;
      else if (|phase_q) phase_q <= phase_q - 1'b1;
      slot_o <= fire;
    end
  end
  always_ff @(posedge clk_i) begin
    last_q <= last;
    if (fire) row_q <= row - 1'b1;
    slot_row_o <= row;
    slot_last_o <= last;
  end

  // Shift i = last - row, of row r if i < r.
  assign shift_o[0] = 1'b0;
  for (genvar r = 1; r < Rows; r++) begin : gen_shift
    localparam logic [RowBits:0] Row = (RowBits + 1)'(r);
    assign shift_o[r] = fire & (Row <= {1'b0, last}) & (Row + {1'b0, row} > {1'b0, last});
  end

  // The edge inserted too few bubbles otherwise.
  `MIXPE_ASSERT(LanesAreDoneWithTheSegmentBefore, !start || (!busy_q && !(|phase_q)))
  `MIXPE_ASSERT_PARAM(LatencyIsPositive, Latency >= 1)
endmodule
