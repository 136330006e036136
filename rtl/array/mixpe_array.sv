`include "mixpe_assert.svh"

// The PE: a module with the ports of rtl/README.md, always named by whoever compiles this
// (-DMIXPE_PE=my_pe), parameters of its own as ", .Name(value)", and its mode, if it has one, as
// ", .mode_i(mode_i)" (MIXPE_PE_PORTS).
`ifndef MIXPE_PE_PARAMS
`define MIXPE_PE_PARAMS
`endif
`ifndef MIXPE_PE_PORTS
`define MIXPE_PE_PORTS
`endif

// The output-stationary array of docs/timing.md: edge registers, PEs, row sums, drain, lanes. It
// follows what the edge gives it and never stalls: bubbles are the business of whoever drives it.
//  * Edge: act_i[r] and wgt_i[c] are all rows' and columns' operands of one step, with its tags; the
//    array skews them. What is given in cycle t - 1 is in PE(0,0) in cycle t. last_i marks a
//    segment's last issue cycle before its merge, and last_row_i the bottom active row.
//  * Aligned: act_i are FP16, and scan_*_i shows each segment before it streams (align_row).
//  * lane_*_o in slot(i, j): one sum, its row sum and their unit, of output (lane_row_o, lane_col_o).
//  * Dequant: zero, scale in that same cycle, lane_y_i as dequant_int and dequant_fp32 say;
//    lane_done_o marks lane_y_o. Without, sums leave raw and lane_y_o is 0.
module mixpe_array #(
  parameter int Rows = 4,
  parameter int Cols = 4,
  parameter int Lanes = 4,
  parameter int Interval = (Cols + Lanes - 1) / Lanes,  // m; more for a slow output buffer
  parameter int ActBits = 8,      // at the PEs
  parameter int ActLanes = 1,     // activations in them, along k, for row sums,
  parameter int ActLaneBits = ActBits,  // the bits of each
  parameter bit ActSigned = 1'b1,       // and whether it has a sign
  parameter int ModeBits = 1,     // of PEs with a mode
  parameter int WgtBits = 4,
  parameter int SumBits = 20,
  parameter int ProductLatency = 0,
  parameter int AddLatency = 1,
  parameter int Interleave = 1,
  parameter bit Flags = 1'b0,    // sums are {flags, integer}
  parameter bit Fixed = 1'b0,    // sums of FP16 activations in units of 2^-24
  parameter bit Aligned = 1'b0,  // sums of FP16 activations aligned at the edge
  parameter bit Fp32 = 1'b0,     // sums are FP32
  parameter bit Wide = 1'b0,     // PEs take an 8-bit weight in two cycles
  parameter bit RowSums = 1'b1,
  parameter int RowSumBits = 15,  // with flags
  parameter bit Dequant = 1'b1,
  parameter int ZeroBits = 5,
  parameter int TBits = 21,
  parameter int ScaleBits = 16,
  parameter int ScaleFracBits = 10,
  parameter int LaneAddLatency = 2,
  parameter bit DeepLanes = 1'b0,  // dequantisation in more stages
  parameter int RowBits = (Rows > 1) ? $clog2(Rows) : 1,
  parameter int ColBits = (Cols > 1) ? $clog2(Cols) : 1,
  parameter int EdgeBits = Aligned ? 16 : ActBits
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        weight_signed_i,  // static
  input  logic                        weight_wide_i,    // static
  input  logic [ModeBits-1:0]         mode_i,           // static
  input  logic [Rows*EdgeBits-1:0]    act_i,
  input  logic [Cols*WgtBits-1:0]     wgt_i,
  input  logic                        valid_i,
  input  logic                        first_i,
  input  logic                        last_i,
  input  logic [RowBits-1:0]          last_row_i,
  input  logic                        scan_valid_i,
  input  logic                        scan_first_i,
  input  logic [Rows*EdgeBits-1:0]    scan_act_i,
  output logic [Rows*Cols-1:0]        overflow_o,      // a MAC wrapped, this cycle
  output logic [Rows*ActLanes-1:0]    row_overflow_o,  // a row sum did
  output logic [Lanes-1:0]            lane_valid_o,
  output logic [Lanes*RowBits-1:0]    lane_row_o,
  output logic [Lanes*ColBits-1:0]    lane_col_o,
  output logic [Lanes*SumBits-1:0]    lane_sum_o,
  output logic [Lanes*RowSumBits-1:0] lane_row_sum_o,
  output logic [Lanes*8-1:0]          lane_exponent_o,  // the unit of both is 2^this
  input  logic [Lanes*ZeroBits-1:0]   lane_zero_i,
  input  logic [Lanes*ScaleBits-1:0]  lane_scale_i,
  input  logic [Lanes*32-1:0]         lane_y_i,
  output logic [Lanes-1:0]            lane_done_o,
  output logic [Lanes*32-1:0]         lane_y_o
);
  localparam int MergeCycles = (Interleave - 1) * AddLatency;
  // From `last` in a PE to its sum in the shadow register: X + 1, and the merge.
  localparam int SumLatency = ProductLatency + AddLatency + MergeCycles;
  // What goes with a row's sums to all lanes: its row sum, and the exponent of aligned ones.
  localparam int RowDataBits = RowSumBits + (Aligned ? 5 : 0);
  localparam bit RowData = RowSums || Aligned;

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
    .Rows(Rows), .Interval(Interval), .Latency(SumLatency)
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

  // The second cycle of a step: the same activation.
  logic second, second_q;
  assign second = Wide & weight_wide_i & second_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) second_q <= 1'b0;
    else second_q <= valid_i & ~second;
  end

  // ---- Rows of PEs. Wires of column c lead into PE(r,c), those of Cols out of the row.
  logic [Rows*Cols*SumBits-1:0]    chain;          // [row][column] shadow registers
  logic [Rows*Cols*WgtBits-1:0]    wgt_below;      // [row][column]
  logic [Rows*RowDataBits-1:0]     row_data;       // the oldest of each row
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    logic [(Cols+1)*ActBits-1:0] act;
    logic [Cols:0]               valid, first, last, shift_in;
    logic                        step, counts;  // a step; a segment's end, if this row takes part
    logic [ActBits-1:0]          act_edge;
    logic [4:0]                  exponent_edge, exponent;
    if (Aligned) begin : gen_align
      align_row u_align (
        .clk_i(clk_i), .rst_ni(rst_ni), .scan_valid_i(scan_valid_i), .scan_first_i(scan_first_i),
        .scan_act_i(scan_act_i[r*16 +: 16]), .first_i(first_i), .act_i(act_i[r*16 +: 16]),
        .aligned_o(act_edge), .exponent_o(exponent_edge)
      );
    end else begin : gen_as_it_is
      assign act_edge = act_i[r*EdgeBits +: EdgeBits];
      assign exponent_edge = '0;
    end
    skew_register #(.Cycles(r), .DataBits(5 + ActBits), .TagBits(5)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni), .data_i({exponent_edge, act_edge & {ActBits{valid_i}}}),
      .tags_i({valid_i, first_i, last_i, valid_i & ~second,
               last_i & ({1'b0, last_row_i} + 1'b1 > (RowBits + 1)'(r))}),
      .data_o({exponent, act[ActBits-1:0]}),
      .tags_o({valid[0], first[0], last[0], step, counts})
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
        `MIXPE_PE_PORTS
      );
    end

    // The row sum, beside PE(r,0) and ready with its sum, waits for the first column's slot.
    logic [RowSumBits-1:0] row_sum;
    if (RowSums) begin : gen_row_sum
      logic step_q;
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) step_q <= 1'b0;
        else step_q <= step;
      end
      row_sum #(
        .ActBits(ActBits), .Lanes(ActLanes), .LaneBits(ActLaneBits), .Signed(ActSigned),
        .SumBits(RowSumBits), .Flags(Flags), .Fixed(Fixed), .Fp32(Fp32), .ProductLatency(ProductLatency),
        .AddLatency(AddLatency), .Interleave(Interleave)
      ) u_sum (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(step_q), .first_i(first[1]), .last_i(last[1]),
        .act_i(act[ActBits +: ActBits]), .sum_i({RowSumBits{1'b0}}), .sum_o(row_sum),
        .overflow_o(row_overflow_o[r*ActLanes +: ActLanes])
      );
    end else begin : gen_no_row_sum
      assign row_sum = '0;
      assign row_overflow_o[r*ActLanes +: ActLanes] = '0;
      logic unused;
      assign unused = step;
    end
    if (RowData) begin : gen_row_data
      logic                   ready;
      logic [4:0]             exponent_q;
      logic [RowDataBits-1:0] data;
      skew_register #(.Cycles(1 + SumLatency), .DataBits(5)) u_ready (
        .clk_i(clk_i), .rst_ni(rst_ni), .data_i(exponent), .tags_i(counts), .data_o(exponent_q),
        .tags_o(ready)
      );
      if (Aligned) begin : gen_both
        assign data = {exponent_q, row_sum};
      end else begin : gen_row_sum_alone
        assign data = row_sum;
        logic unused;
        assign unused = ^exponent_q;
      end
      // Waits (rows - 1) * (1 + m) cycles at most; segments end rows * m apart or more: never more
      // than two at once.
      row_sum_fifo #(.Depth(2), .Width(RowDataBits)) u_fifo (
        .clk_i(clk_i), .rst_ni(rst_ni), .push_i(ready), .data_i(data),
        .pop_i(slot[0] & (slot_row[RowBits-1:0] == RowBits'(r))),
        .data_o(row_data[r*RowDataBits +: RowDataBits])
      );
    end else begin : gen_no_row_data
      assign row_data[r*RowDataBits +: RowDataBits] = '0;
      logic unused;
      assign unused = ^{counts, exponent, row_sum};
    end
    logic unused_right;
    assign unused_right =
        ^{act[Cols*ActBits +: ActBits], valid[Cols], first[Cols], last[Cols], shift_in[Cols]};
  end

  // ---- It goes with its slot from column to column.
  logic [Cols*RowDataBits-1:0] column_data;
  logic [Rows*RowDataBits-1:0] read;
  for (genvar r = 0; r < Rows; r++) begin : gen_read
    assign read[r*RowDataBits +: RowDataBits] = row_data[r*RowDataBits +: RowDataBits] &
        {RowDataBits{slot_row[RowBits-1:0] == RowBits'(r)}};
  end
  or_rows #(.Rows(Rows), .Width(RowDataBits)) u_read (
    .rows_i(read), .or_o(column_data[RowDataBits-1:0])
  );
  for (genvar c = 1; c < Cols; c++) begin : gen_pass_on
    skew_register #(.Cycles(1), .DataBits(RowDataBits)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni),
      .data_i(column_data[(c-1)*RowDataBits +: RowDataBits]), .tags_i(1'b0),
      .data_o(column_data[c*RowDataBits +: RowDataBits]), .tags_o()
    );
  end

  // ---- A column is tapped at its last active row.
  localparam int ValueBits = ColBits + RowBits + RowDataBits + SumBits;
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
           column_data[c*RowDataBits +: RowDataBits], sum};
    end else begin : gen_none
      assign turn[c] = 1'b0;
      assign value[c*ValueBits +: ValueBits] = '0;
    end
  end

  // ---- Lanes: lane l serves columns l*Interval and on.
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [SumBits-1:0]     sum;
    logic [RowDataBits-1:0] of_row;
    logic [7:0]             unit;
    output_lane #(.Columns(Interval), .Width(ValueBits)) u_lane (
      .clk_i(clk_i), .rst_ni(rst_ni), .slot_i(turn[l*Interval +: Interval]),
      .values_i(value[l*Interval*ValueBits +: Interval*ValueBits]), .valid_o(lane_valid_o[l]),
      .value_o({lane_col_o[l*ColBits +: ColBits], lane_row_o[l*RowBits +: RowBits], of_row, sum})
    );
    if (Aligned) begin : gen_unit
      assign unit = {3'b000, of_row[RowSumBits +: 5]} - 8'd29;
    end else begin : gen_static_unit
      assign unit = Fixed ? -8'd24 : 8'd0;
    end
    assign lane_sum_o[l*SumBits +: SumBits] = sum;
    assign lane_row_sum_o[l*RowSumBits +: RowSumBits] = of_row[RowSumBits-1:0];
    assign lane_exponent_o[l*8 +: 8] = unit;
    dequant_lane #(
      .Dequant(Dequant), .Fp32(Fp32), .Flags(Flags), .SumBits(SumBits), .RowSumBits(RowSumBits),
      .ZeroBits(ZeroBits), .TBits(TBits), .ScaleBits(ScaleBits), .ScaleFracBits(ScaleFracBits),
      .AddLatency(LaneAddLatency), .Deep(DeepLanes)
    ) u_dequant (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(lane_valid_o[l]), .sum_i(sum),
      .row_sum_i(of_row[RowSumBits-1:0]), .exponent_i(unit),
      .zero_i(lane_zero_i[l*ZeroBits +: ZeroBits]),
      .scale_i(lane_scale_i[l*ScaleBits +: ScaleBits]), .y_i(lane_y_i[l*32 +: 32]),
      .done_o(lane_done_o[l]), .y_o(lane_y_o[l*32 +: 32])
    );
  end

  logic unused;
  assign unused = ^{mode_i, scan_valid_i, scan_first_i, scan_act_i,
                    wgt_below[(Rows-1)*Cols*WgtBits +: Cols*WgtBits]};

  `MIXPE_ASSERT(LastRowExists, !last_i || {1'b0, last_row_i} <= (RowBits + 1)'(Rows - 1))
  `MIXPE_ASSERT(StepsOfTwoCycles, !second || valid_i)
  `MIXPE_ASSERT_PARAM(LanesServeAllColumns, Lanes * Interval >= Cols)
endmodule
