`include "mixpe_assert.svh"

// The PE: a module with the ports of rtl/README.md, always named by whoever compiles this
// (-DMIXPE_PE=my_pe), and parameters of its own as ", .Name(value)".
`ifndef MIXPE_PE_PARAMS
`define MIXPE_PE_PARAMS
`endif

// The output-stationary array of docs/timing.md: edge registers, PEs, row sums, drain, lanes. It
// follows what the edge gives it and never stalls: bubbles are the business of whoever drives it.
//  * Edge: act_i[r] and wgt_i[c] are all rows' and columns' operands of one step, with its tags; the
//    array skews them. What is given in cycle t - 1 is in PE(0,0) in cycle t. last_i marks a
//    segment's last issue cycle before its merge, and last_row_i the bottom active row.
//  * lane_*_o in slot(i, j): one sum and its row sum, output (lane_row_o, lane_col_o).
//  * Dequant: zero, scale in that same cycle, lane_y_i as dequant_int and dequant_fp32 say;
//    lane_done_o marks lane_y_o. Without, sums leave raw and lane_y_o is 0.
module mixpe_array #(
  parameter int Rows = 4,
  parameter int Cols = 4,
  parameter int Lanes = 4,
  parameter int Interval = (Cols + Lanes - 1) / Lanes,  // m; more for a slow output buffer
  parameter int ActBits = 8,
  parameter int WgtBits = 4,
  parameter int SumBits = 20,
  parameter int SumLatency = 0,   // X = product_latency + add_latency - 1 of the PE
  parameter int MergeCycles = 0,  // (interleave - 1) * add_latency
  parameter bit Flags = 1'b0,     // sums are {flags, integer}
  parameter bit Fixed = 1'b0,     // sums of FP16 activations in units of 2^-24
  parameter bit Fp32 = 1'b0,      // sums are FP32
  parameter bit RowSums = 1'b1,
  parameter int RowSumBits = 15,  // with flags
  parameter bit Dequant = 1'b1,
  parameter int ZeroBits = 5,
  parameter int TBits = 21,
  parameter int ScaleBits = 16,
  parameter int ScaleFracBits = 10,
  parameter int LaneAddLatency = 2,
  parameter int RowBits = (Rows > 1) ? $clog2(Rows) : 1,
  parameter int ColBits = (Cols > 1) ? $clog2(Cols) : 1
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        weight_signed_i,  // static
  input  logic                        weight_wide_i,    // static
  input  logic signed [7:0]           exponent_i,       // static: unit of an integer sum
  input  logic [Rows*ActBits-1:0]     act_i,
  input  logic [Cols*WgtBits-1:0]     wgt_i,
  input  logic                        valid_i,
  input  logic                        first_i,
  input  logic                        last_i,
  input  logic [RowBits-1:0]          last_row_i,
  output logic [Rows*Cols-1:0]        overflow_o,      // a MAC wrapped, this cycle
  output logic [Rows-1:0]             row_overflow_o,  // a row sum did
  output logic [Lanes-1:0]            lane_valid_o,
  output logic [Lanes*RowBits-1:0]    lane_row_o,
  output logic [Lanes*ColBits-1:0]    lane_col_o,
  output logic [Lanes*SumBits-1:0]    lane_sum_o,
  output logic [Lanes*RowSumBits-1:0] lane_row_sum_o,
  input  logic [Lanes*ZeroBits-1:0]   lane_zero_i,
  input  logic [Lanes*ScaleBits-1:0]  lane_scale_i,
  input  logic [Lanes*32-1:0]         lane_y_i,
  output logic [Lanes-1:0]            lane_done_o,
  output logic [Lanes*32-1:0]         lane_y_o
);
  // Row sums wait up to Merge + X + (rows - 1) * (1 + m) + 1 <= Merge + X + 2 * rows * m cycles, and
  // segments end rows * m and 1 + Merge cycles apart or more.
  localparam int RowSumDepth = 2 + (SumLatency + 2 * MergeCycles) / (1 + MergeCycles);

  // ---- Weights, column c delayed by c cycles.
  logic [Cols*WgtBits-1:0] wgt_top;
  for (genvar c = 0; c < Cols; c++) begin : gen_top
    skew_register #(.Cycles(c), .DataBits(WgtBits)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni), .data_i(wgt_i[c*WgtBits +: WgtBits]), .tags_i(1'b0),
      .data_o(wgt_top[c*WgtBits +: WgtBits]), .tags_o()
    );
  end

  // ---- Drain: slots of the first column, and of column c a further c cycles later.
  logic [Rows-1:0]         shift;
  logic [Cols-1:0]         slot;
  logic [Cols*RowBits-1:0] slot_row, slot_last;
  drain_control #(
    .Rows(Rows), .Interval(Interval), .Latency(SumLatency + 1 + MergeCycles)
  ) u_drain (
    .clk_i(clk_i), .rst_ni(rst_ni), .last_i(last_i), .last_row_i(last_row_i), .shift_o(shift),
    .slot_o(slot[0]), .slot_row_o(slot_row[RowBits-1:0]), .slot_last_o(slot_last[RowBits-1:0])
  );
  for (genvar c = 1; c < Cols; c++) begin : gen_slot
    skew_register #(.Cycles(1), .DataBits(2 * RowBits)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni),
      .data_i({slot_row[(c-1)*RowBits +: RowBits], slot_last[(c-1)*RowBits +: RowBits]}),
      .tags_i(slot[c-1]),
      .data_o({slot_row[c*RowBits +: RowBits], slot_last[c*RowBits +: RowBits]}),
      .tags_o(slot[c])
    );
  end

  // ---- Rows of PEs. Wires of column c lead into PE(r,c), those of Cols out of the row.
  logic [Rows*Cols*SumBits-1:0]    chain;          // [row][column] shadow registers
  logic [Rows*Cols*WgtBits-1:0]    wgt_below;      // [row][column]
  logic [Rows*RowSumBits-1:0]      row_sums;       // the oldest of each row
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    logic [(Cols+1)*ActBits-1:0] act;
    logic [Cols:0]               valid, first, last, shift_in;
    logic                        counts;  // this row takes part in the segment
    skew_register #(.Cycles(r), .DataBits(ActBits), .TagBits(4)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni), .data_i(act_i[r*ActBits +: ActBits] & {ActBits{valid_i}}),
      .tags_i({valid_i, first_i, last_i, last_i & ({1'b0, last_row_i} + 1'b1 > (RowBits + 1)'(r))}),
      .data_o(act[ActBits-1:0]), .tags_o({valid[0], first[0], last[0], counts})
    );
    assign shift_in[0] = shift[r];

    for (genvar c = 0; c < Cols; c++) begin : gen_col
      logic [WgtBits-1:0] wgt_above;
      logic [SumBits-1:0] sum_above;
      if (r == 0) begin : gen_edge
        assign wgt_above = wgt_top[c*WgtBits +: WgtBits];
        assign sum_above = '0;
      end else begin : gen_inside
        assign wgt_above = wgt_below[((r-1)*Cols+c)*WgtBits +: WgtBits];
        assign sum_above = chain[((r-1)*Cols+c)*SumBits +: SumBits];
      end
      `MIXPE_PE #(
        .WeightStationary(1'b0), .ActBits(ActBits), .WgtBits(WgtBits), .SumBits(SumBits)
        `MIXPE_PE_PARAMS
      ) u_pe (
        .clk_i(clk_i), .rst_ni(rst_ni),
        .weight_signed_i(weight_signed_i), .weight_wide_i(weight_wide_i),
        .act_i(act[c*ActBits +: ActBits]), .valid_i(valid[c]), .first_i(first[c]),
        .last_i(last[c]), .shift_i(shift_in[c]),
        .act_o(act[(c+1)*ActBits +: ActBits]), .valid_o(valid[c+1]), .first_o(first[c+1]),
        .last_o(last[c+1]), .shift_o(shift_in[c+1]),
        .wgt_i(wgt_above), .take_i(1'b0),
        .wgt_o(wgt_below[(r*Cols+c)*WgtBits +: WgtBits]), .take_o(),
        .sum_i(sum_above), .sum_o(chain[(r*Cols+c)*SumBits +: SumBits]),
        .overflow_o(overflow_o[r*Cols+c])
      );
    end

    if (RowSums) begin : gen_row_sum
      // Beside PE(r,0): ready the cycle after its last step.
      logic [RowSumBits-1:0] sum;
      logic                  counts_q, ready_q;
      row_sum #(
        .ActBits(ActBits), .SumBits(RowSumBits), .Flags(Flags), .Fixed(Fixed), .Fp32(Fp32)
      ) u_sum (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid[1]), .first_i(first[1]),
        .act_i(act[ActBits +: ActBits]), .sum_o(sum), .overflow_o(row_overflow_o[r])
      );
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) {counts_q, ready_q} <= 2'b00;
        else {counts_q, ready_q} <= {counts, counts_q};
      end
      row_sum_fifo #(.Depth(RowSumDepth), .Width(RowSumBits)) u_fifo (
        .clk_i(clk_i), .rst_ni(rst_ni), .push_i(ready_q), .data_i(sum),
        .pop_i(slot[0] & (slot_row[RowBits-1:0] == RowBits'(r))),
        .data_o(row_sums[r*RowSumBits +: RowSumBits])
      );
    end else begin : gen_no_row_sum
      assign row_overflow_o[r] = 1'b0;
      assign row_sums[r*RowSumBits +: RowSumBits] = '0;
      logic unused;
      assign unused = counts;
    end
    logic unused_right;
    assign unused_right =
        ^{act[Cols*ActBits +: ActBits], valid[Cols], first[Cols], last[Cols], shift_in[Cols]};
  end

  // ---- A row sum goes with its slot from column to column.
  logic [Cols*RowSumBits-1:0] column_row_sum;
  logic [Rows*RowSumBits-1:0] read;
  for (genvar r = 0; r < Rows; r++) begin : gen_read
    assign read[r*RowSumBits +: RowSumBits] = row_sums[r*RowSumBits +: RowSumBits] &
        {RowSumBits{slot_row[RowBits-1:0] == RowBits'(r)}};
  end
  or_rows #(.Rows(Rows), .Width(RowSumBits)) u_read (
    .rows_i(read), .or_o(column_row_sum[RowSumBits-1:0])
  );
  for (genvar c = 1; c < Cols; c++) begin : gen_pass_on
    skew_register #(.Cycles(1), .DataBits(RowSumBits)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni),
      .data_i(column_row_sum[(c-1)*RowSumBits +: RowSumBits]), .tags_i(1'b0),
      .data_o(column_row_sum[c*RowSumBits +: RowSumBits]), .tags_o()
    );
  end

  // ---- A column is tapped at its last active row.
  localparam int ValueBits = ColBits + RowBits + RowSumBits + SumBits;
  logic [Lanes*Interval-1:0]           turn;
  logic [Lanes*Interval*ValueBits-1:0] value;
  for (genvar c = 0; c < Lanes * Interval; c++) begin : gen_tap
    if (c < Cols) begin : gen_column
      logic [Rows*SumBits-1:0] candidates;
      logic [SumBits-1:0]      sum;
      for (genvar r = 0; r < Rows; r++) begin : gen_candidate
        assign candidates[r*SumBits +: SumBits] = chain[(r*Cols+c)*SumBits +: SumBits] &
            {SumBits{slot_last[c*RowBits +: RowBits] == RowBits'(r)}};
      end
      or_rows #(.Rows(Rows), .Width(SumBits)) u_tap (.rows_i(candidates), .or_o(sum));
      assign turn[c] = slot[c];
      assign value[c*ValueBits +: ValueBits] =
          {ColBits'(c), slot_row[c*RowBits +: RowBits],
           column_row_sum[c*RowSumBits +: RowSumBits], sum};
    end else begin : gen_none
      assign turn[c] = 1'b0;
      assign value[c*ValueBits +: ValueBits] = '0;
    end
  end

  // ---- Lanes: lane l serves columns l*Interval and on.
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [SumBits-1:0]    sum;
    logic [RowSumBits-1:0] of_row;
    output_lane #(.Columns(Interval), .Width(ValueBits)) u_lane (
      .clk_i(clk_i), .rst_ni(rst_ni), .slot_i(turn[l*Interval +: Interval]),
      .values_i(value[l*Interval*ValueBits +: Interval*ValueBits]), .valid_o(lane_valid_o[l]),
      .value_o({lane_col_o[l*ColBits +: ColBits], lane_row_o[l*RowBits +: RowBits], of_row, sum})
    );
    assign lane_sum_o[l*SumBits +: SumBits] = sum;
    assign lane_row_sum_o[l*RowSumBits +: RowSumBits] = of_row;

    if (!Dequant) begin : gen_raw
      assign lane_done_o[l] = 1'b0;
      assign lane_y_o[l*32 +: 32] = '0;
    end else if (Fp32) begin : gen_fp32
      dequant_fp32 #(
        .ZeroBits(ZeroBits), .ScaleExpBits(ScaleBits - 1 - ScaleFracBits),
        .ScaleFracBits(ScaleFracBits), .AddLatency(LaneAddLatency)
      ) u_dequant (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(lane_valid_o[l]), .sum_i(sum),
        .row_sum_i(of_row), .zero_i(lane_zero_i[l*ZeroBits +: ZeroBits]),
        .scale_i(lane_scale_i[l*ScaleBits +: ScaleBits]), .y_i(lane_y_i[l*32 +: 32]),
        .valid_o(lane_done_o[l]), .y_o(lane_y_o[l*32 +: 32])
      );
    end else begin : gen_int
      localparam int FlagBits = Flags ? mixpe_pkg::FlagBits : 0;
      dequant_int #(
        .SumBits(SumBits - FlagBits), .RowSumBits(RowSumBits - FlagBits), .ZeroBits(ZeroBits),
        .TBits(TBits), .Flags(Flags), .ScaleExpBits(ScaleBits - 1 - ScaleFracBits),
        .ScaleFracBits(ScaleFracBits), .AddLatency(LaneAddLatency)
      ) u_dequant (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(lane_valid_o[l]), .sum_i(sum),
        .row_sum_i(of_row), .zero_i(lane_zero_i[l*ZeroBits +: ZeroBits]),
        .exponent_i(exponent_i), .scale_i(lane_scale_i[l*ScaleBits +: ScaleBits]),
        .y_i(lane_y_i[l*32 +: 32]), .valid_o(lane_done_o[l]), .y_o(lane_y_o[l*32 +: 32])
      );
    end
  end

  logic unused;
  assign unused = ^{exponent_i, lane_zero_i, lane_scale_i, lane_y_i,
                    wgt_below[(Rows-1)*Cols*WgtBits +: Cols*WgtBits]};

  `MIXPE_ASSERT(LastRowExists, !last_i || {1'b0, last_row_i} <= (RowBits + 1)'(Rows - 1))
  `MIXPE_ASSERT_PARAM(LanesServeAllColumns, Lanes * Interval >= Cols)
endmodule
