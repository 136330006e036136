`include "mixpe_assert.svh"

// The PE: see mixpe_array.
`ifndef MIXPE_PE_PARAMS
`define MIXPE_PE_PARAMS
`endif
`ifndef MIXPE_PE_PORTS
`define MIXPE_PE_PORTS
`endif

// The weight-stationary array of docs/timing.md: weights that are loaded beside the stream, psums down
// the columns, accumulators, row sums, lanes. It follows what the edge gives it and never stalls.
//  * wgt_i are all columns' weights of PE row load_row_i; rows in order from 0, each a cycle or more
//    after the one before. What is given in cycle t - 1 is in PE(0,0)'s row of the chain in cycle t.
//  * act_i[r] is what PE row r takes of one output row: a step, given in cycle t - 1, in PE(0,0) in t.
//    first_i: a K-tile's first step. With every step: begin_i, end_i, the K-tile begins and ends a
//    segment, and last_row_i, its bottom active row. Wide: a step is valid for two cycles.
//  * arrive_o[c], slot_o[l]: a sum arrives, a lane has its slot, as in docs/timing.md.
//  * lane_*_o 1 + A cycles after the slot (accumulator); Dequant as in mixpe_array.
module mixpe_array_ws #(
  parameter int Rows = 4,
  parameter int Cols = 4,
  parameter int Lanes = 4,
  parameter int Interval = (Cols + Lanes - 1) / Lanes,  // m; more for a slow output buffer
  parameter int AccumulatorRows = 16,
  parameter int ActBits = 8,      // at the PEs
  parameter int ActLanes = 1,     // activations in them, along k, for row sums,
  parameter int ActLaneBits = ActBits,  // the bits of each
  parameter bit ActSigned = 1'b1,       // and whether it has a sign
  parameter int ModeBits = 1,     // of PEs with a mode
  parameter int WgtBits = 4,
  parameter int SumBits = 20,
  parameter int ProductLatency = 0,
  parameter int AddLatency = 1,
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
  parameter int AccRowBits = (AccumulatorRows > 1) ? $clog2(AccumulatorRows) : 1,
  parameter int EdgeBits = Aligned ? 16 : ActBits
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        weight_signed_i,  // static
  input  logic                        weight_wide_i,    // static
  input  logic [ModeBits-1:0]         mode_i,           // static
  input  logic [Cols*WgtBits-1:0]     wgt_i,
  input  logic                        load_i,
  input  logic [RowBits-1:0]          load_row_i,
  input  logic [Rows*EdgeBits-1:0]    act_i,
  input  logic                        valid_i,
  input  logic                        first_i,
  input  logic                        begin_i,
  input  logic                        end_i,
  input  logic [RowBits-1:0]          last_row_i,
  input  logic                        scan_valid_i,
  input  logic                        scan_first_i,
  input  logic                        scan_begin_i,
  input  logic [Rows*EdgeBits-1:0]    scan_act_i,
  output logic [Rows*Cols-1:0]        overflow_o,      // a MAC wrapped, this cycle
  output logic [Cols-1:0]             sum_overflow_o,  // a K-tile's sum did, in an accumulator
  output logic [Rows*ActLanes-1:0]    row_overflow_o,  // a row sum did
  output logic                        row_sum_overflow_o,
  output logic [Cols-1:0]             arrive_o,
  output logic [Cols-1:0]             read_o,   // of an accumulator memory, to add
  output logic [Cols-1:0]             take_o,   // of an accumulator memory, for a lane
  output logic [Cols-1:0]             write_o,  // of an accumulator memory
  output logic [Lanes-1:0]            slot_o,
  output logic [Lanes-1:0]            lane_valid_o,
  output logic [Lanes*AccRowBits-1:0] lane_row_o,
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
  localparam int Hop = AddLatency;  // cycles a row follows the row above; one more for 8-bit weights
  localparam int ToLane = 1 + (Fp32 ? AddLatency : 1);  // from a slot to its value
  localparam int RowDataBits = RowSumBits + (Aligned ? 5 : 0);
  localparam bit RowData = RowSums || Aligned;

  // ---- A step's second cycle: the same activations.
  logic wide, second, second_q, step;
  assign wide = Wide & weight_wide_i;
  assign second = wide & second_q;
  assign step = valid_i & ~second;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) second_q <= 1'b0;
    else second_q <= step;
  end

  // ---- Weights, column c delayed by c cycles; the row they are for goes down beside them.
  logic [Cols*WgtBits-1:0] wgt_top;
  logic [Rows-1:0]         load;
  logic [Rows*RowBits-1:0] load_row;
  for (genvar c = 0; c < Cols; c++) begin : gen_top
    skew_register #(.Cycles(c), .DataBits(WgtBits)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni), .data_i(wgt_i[c*WgtBits +: WgtBits]), .tags_i(1'b0),
      .data_o(wgt_top[c*WgtBits +: WgtBits]), .tags_o()
    );
  end
  assign load[0] = load_i;
  assign load_row[RowBits-1:0] = load_row_i;
  for (genvar r = 1; r < Rows; r++) begin : gen_load
    hop_register #(.Hop(Hop), .Wide(Wide), .DataBits(RowBits)) u_hop (
      .clk_i(clk_i), .rst_ni(rst_ni), .more_i(wide), .data_i(load_row[(r-1)*RowBits +: RowBits]),
      .tags_i(load[r-1]), .data_o(load_row[r*RowBits +: RowBits]), .tags_o(load[r])
    );
  end

  // ---- Aligned activations.
  logic [Rows*ActBits-1:0] act_edge;
  logic [4:0]              exponent;
  if (Aligned) begin : gen_align
    align_steps #(.Rows(Rows), .AccumulatorRows(AccumulatorRows)) u_align (
      .clk_i(clk_i), .rst_ni(rst_ni), .scan_valid_i(scan_valid_i), .scan_first_i(scan_first_i),
      .scan_begin_i(scan_begin_i), .scan_act_i(scan_act_i), .valid_i(valid_i), .first_i(first_i),
      .begin_i(begin_i), .act_i(act_i), .aligned_o(act_edge), .exponent_o(exponent)
    );
  end else begin : gen_as_they_are
    assign act_edge = act_i;
    assign exponent = '0;
    logic unused;
    assign unused = ^{scan_valid_i, scan_first_i, scan_begin_i, scan_act_i};
  end

  // ---- Rows of PEs. Wires of column c lead into PE(r,c), those of Cols out of the row.
  logic [Rows*Cols*SumBits-1:0] psum;       // [row][column]
  logic [Rows*Cols*WgtBits-1:0] wgt_below;  // [row][column]
  logic [Rows*RowSumBits-1:0]   row_chain;
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    logic [(Cols+1)*ActBits-1:0] act;
    logic [Cols:0]               valid, first, last, take;
    if (r == 0) begin : gen_enter
      assign act[ActBits-1:0] = act_edge[ActBits-1:0] & {ActBits{valid_i}};
      assign {valid[0], first[0], last[0]} = {valid_i, first_i & step, second};
    end else begin : gen_skew
      hop_register #(.Hop(r * Hop), .Wide(Wide), .More(r), .DataBits(ActBits), .TagBits(3)) u_hop (
        .clk_i(clk_i), .rst_ni(rst_ni), .more_i(wide),
        .data_i(act_edge[r*ActBits +: ActBits] & {ActBits{valid_i}}),
        .tags_i({valid_i, first_i & step, second}),
        .data_o(act[ActBits-1:0]), .tags_o({valid[0], first[0], last[0]})
      );
    end
    assign take[0] = load[r] & (load_row[r*RowBits +: RowBits] == RowBits'(r));

    for (genvar c = 0; c < Cols; c++) begin : gen_col
      logic [WgtBits-1:0] wgt_above;
      logic [SumBits-1:0] sum_above;
      if (r == 0) begin : gen_edge
        assign wgt_above = wgt_top[c*WgtBits +: WgtBits];
        assign sum_above = '0;
      end else begin : gen_inside
        assign wgt_above = wgt_below[((r-1)*Cols+c)*WgtBits +: WgtBits];
        assign sum_above = psum[((r-1)*Cols+c)*SumBits +: SumBits];
      end
      `MIXPE_PE #(
        .WeightStationary(1'b1), .ActBits(ActBits), .WgtBits(WgtBits), .SumBits(SumBits)
        `MIXPE_PE_PARAMS
      ) u_pe (
        .clk_i(clk_i), .rst_ni(rst_ni),
        .weight_signed_i(weight_signed_i), .weight_wide_i(weight_wide_i),
        .act_i(act[c*ActBits +: ActBits]), .valid_i(valid[c]), .first_i(first[c]),
        .last_i(last[c]), .shift_i(1'b0),
        .act_o(act[(c+1)*ActBits +: ActBits]), .valid_o(valid[c+1]), .first_o(first[c+1]),
        .last_o(last[c+1]), .shift_o(),
        .wgt_i(wgt_above), .take_i(take[c]),
        .wgt_o(wgt_below[(r*Cols+c)*WgtBits +: WgtBits]), .take_o(take[c+1]),
        .sum_i(sum_above), .sum_o(psum[(r*Cols+c)*SumBits +: SumBits]),
        .overflow_o(overflow_o[r*Cols+c])
        `MIXPE_PE_PORTS
      );
    end

    if (RowSums) begin : gen_row_sum
      // A link of the chain, beside PE(r,0). last[1]: a step's second cycle.
      logic [RowSumBits-1:0] above;
      if (r == 0) begin : gen_top_link
        assign above = '0;
      end else begin : gen_link
        assign above = row_chain[(r-1)*RowSumBits +: RowSumBits];
      end
      row_sum #(
        .WeightStationary(1'b1), .ActBits(ActBits), .Lanes(ActLanes), .LaneBits(ActLaneBits),
        .Signed(ActSigned), .SumBits(RowSumBits), .Flags(Flags), .Fixed(Fixed),
        .Fp32(Fp32), .ProductLatency(ProductLatency), .AddLatency(AddLatency)
      ) u_sum (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid[1] & ~last[1]), .first_i(first[1]),
        .last_i(1'b0), .act_i(act[ActBits +: ActBits]), .sum_i(above),
        .sum_o(row_chain[r*RowSumBits +: RowSumBits]), .overflow_o(row_overflow_o[r*ActLanes +: ActLanes])
      );
    end else begin : gen_no_row_sum
      assign row_chain[r*RowSumBits +: RowSumBits] = '0;
      assign row_overflow_o[r*ActLanes +: ActLanes] = '0;
    end
    logic unused_right;
    assign unused_right = ^{act[Cols*ActBits +: ActBits], valid[Cols], first[Cols], last[Cols],
                            take[Cols]};
  end

  // ---- Arrivals and slots of the first column, and of column c a further c cycles later.
  localparam int ControlTags = 3;
  localparam int ControlBits = 2 + RowBits + 2 * AccRowBits;
  logic [Cols-1:0]             arrive, slot, direct;
  logic [Cols*ControlBits-1:0] control;
  logic [4:0]                  exponent_below;
  arrival_control #(
    .Rows(Rows), .AccumulatorRows(AccumulatorRows), .Interval(Interval),
    .ProductLatency(ProductLatency), .AddLatency(AddLatency), .Wide(Wide)
  ) u_arrival (
    .clk_i(clk_i), .rst_ni(rst_ni), .hop_more_i(wide), .step_i(step), .first_i(first_i),
    .begin_i(begin_i), .end_i(end_i), .last_row_i(last_row_i), .exponent_i(exponent),
    .arrive_o(arrive[0]), .begin_o(control[0]), .keep_o(control[1]),
    .last_row_o(control[2 +: RowBits]), .exponent_o(exponent_below),
    .row_o(control[2+RowBits +: AccRowBits]), .slot_o(slot[0]), .direct_o(direct[0]),
    .lane_row_o(control[2+RowBits+AccRowBits +: AccRowBits])
  );
  for (genvar c = 1; c < Cols; c++) begin : gen_control
    skew_register #(.Cycles(1), .DataBits(ControlBits), .TagBits(ControlTags)) u_skew (
      .clk_i(clk_i), .rst_ni(rst_ni), .data_i(control[(c-1)*ControlBits +: ControlBits]),
      .tags_i({arrive[c-1], slot[c-1], direct[c-1]}),
      .data_o(control[c*ControlBits +: ControlBits]), .tags_o({arrive[c], slot[c], direct[c]})
    );
  end
  assign arrive_o = arrive;

  // ---- Row sums and exponents of the first column's sums; they go on a column a cycle.
  logic [Cols*RowDataBits-1:0] column_data;
  if (RowData) begin : gen_row_data
    logic [Rows*RowSumBits-1:0] candidates;
    logic [RowSumBits-1:0]      bottom;
    logic [RowBits-1:0]         last_row;
    always_ff @(posedge clk_i) last_row <= control[2 +: RowBits];
    for (genvar r = 0; r < Rows; r++) begin : gen_candidate
      assign candidates[r*RowSumBits +: RowSumBits] =
          row_chain[r*RowSumBits +: RowSumBits] & {RowSumBits{last_row == RowBits'(r)}};
    end
    or_rows #(.Rows(Rows), .Width(RowSumBits)) u_tap (.rows_i(candidates), .or_o(bottom));
    accumulator #(
      .Rows(AccumulatorRows), .SumBits(RowSumBits), .Flags(Flags), .Fp32(Fp32),
      .AddLatency(AddLatency)
    ) u_row_sums (
      .clk_i(clk_i), .rst_ni(rst_ni), .arrive_i(arrive[0]), .begin_i(control[0]),
      .keep_i(control[1]), .row_i(control[2+RowBits +: AccRowBits]), .sum_i(bottom),
      .take_i(slot[0]), .direct_i(direct[0]),
      .lane_row_i(control[2+RowBits+AccRowBits +: AccRowBits]),
      .sum_o(column_data[RowSumBits-1:0]), .overflow_o(row_sum_overflow_o), .read_o(), .take_o(),
      .write_o()
    );
    if (Aligned) begin : gen_exponents
      // Nothing is added: every K-tile begins anew.
      logic [4:0] arrived_q;
      always_ff @(posedge clk_i) arrived_q <= exponent_below;
      accumulator #(.Rows(AccumulatorRows), .SumBits(5)) u_exponents (
        .clk_i(clk_i), .rst_ni(rst_ni), .arrive_i(arrive[0]), .begin_i(1'b1),
        .keep_i(control[1]), .row_i(control[2+RowBits +: AccRowBits]), .sum_i(arrived_q),
        .take_i(slot[0]), .direct_i(direct[0]),
        .lane_row_i(control[2+RowBits+AccRowBits +: AccRowBits]),
        .sum_o(column_data[RowSumBits +: 5]), .overflow_o(), .read_o(), .take_o(), .write_o()
      );
    end
    for (genvar c = 1; c < Cols; c++) begin : gen_pass_on
      skew_register #(.Cycles(1), .DataBits(RowDataBits)) u_skew (
        .clk_i(clk_i), .rst_ni(rst_ni),
        .data_i(column_data[(c-1)*RowDataBits +: RowDataBits]), .tags_i(1'b0),
        .data_o(column_data[c*RowDataBits +: RowDataBits]), .tags_o()
      );
    end
  end else begin : gen_no_row_data
    assign column_data = '0;
    assign row_sum_overflow_o = 1'b0;
    logic unused;
    assign unused = ^row_chain;
  end
  if (!Aligned) begin : gen_no_exponents
    logic unused;
    assign unused = ^exponent_below;
  end

  // ---- Below a column: tapped at its last active row, accumulated, taken by the lane.
  localparam int ValueBits = ColBits + AccRowBits + RowDataBits + SumBits;
  logic [Lanes*Interval-1:0]           turn, slots;
  logic [Lanes*Interval*ValueBits-1:0] value;
  for (genvar c = 0; c < Lanes * Interval; c++) begin : gen_below
    if (c < Cols) begin : gen_column
      logic [Rows*SumBits-1:0] candidates;
      logic [SumBits-1:0]      bottom, sum;
      logic [RowBits-1:0]      last_row;
      logic [AccRowBits-1:0]   lane_row, row;
      logic [ControlBits-1:0]  now;
      assign now = control[c*ControlBits +: ControlBits];
      assign lane_row = now[2+RowBits+AccRowBits +: AccRowBits];
      always_ff @(posedge clk_i) last_row <= now[2 +: RowBits];
      for (genvar r = 0; r < Rows; r++) begin : gen_candidate
        assign candidates[r*SumBits +: SumBits] =
            psum[(r*Cols+c)*SumBits +: SumBits] & {SumBits{last_row == RowBits'(r)}};
      end
      or_rows #(.Rows(Rows), .Width(SumBits)) u_tap (.rows_i(candidates), .or_o(bottom));
      accumulator #(
        .Rows(AccumulatorRows), .SumBits(SumBits), .Flags(Flags), .Fp32(Fp32),
        .AddLatency(AddLatency)
      ) u_sums (
        .clk_i(clk_i), .rst_ni(rst_ni), .arrive_i(arrive[c]), .begin_i(now[0]), .keep_i(now[1]),
        .row_i(now[2+RowBits +: AccRowBits]), .sum_i(bottom), .take_i(slot[c]),
        .direct_i(direct[c]), .lane_row_i(lane_row), .sum_o(sum), .overflow_o(sum_overflow_o[c]),
        .read_o(read_o[c]), .take_o(take_o[c]), .write_o(write_o[c])
      );
      skew_register #(.Cycles(ToLane), .DataBits(AccRowBits)) u_slot (
        .clk_i(clk_i), .rst_ni(rst_ni), .data_i(lane_row), .tags_i(slot[c]), .data_o(row),
        .tags_o(turn[c])
      );
      assign slots[c] = slot[c];
      assign value[c*ValueBits +: ValueBits] =
          {ColBits'(c), row, column_data[c*RowDataBits +: RowDataBits], sum};
    end else begin : gen_none
      assign {slots[c], turn[c]} = 2'b00;
      assign value[c*ValueBits +: ValueBits] = '0;
    end
  end

  // ---- Lanes: lane l serves columns l*Interval and on.
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [SumBits-1:0]     sum;
    logic [RowDataBits-1:0] of_row;
    logic [7:0]             unit;
    assign slot_o[l] = |slots[l*Interval +: Interval];
    output_lane #(.Columns(Interval), .Width(ValueBits)) u_lane (
      .clk_i(clk_i), .rst_ni(rst_ni), .slot_i(turn[l*Interval +: Interval]),
      .values_i(value[l*Interval*ValueBits +: Interval*ValueBits]), .valid_o(lane_valid_o[l]),
      .value_o({lane_col_o[l*ColBits +: ColBits], lane_row_o[l*AccRowBits +: AccRowBits], of_row,
                sum})
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
  assign unused = ^{mode_i, wgt_below[(Rows-1)*Cols*WgtBits +: Cols*WgtBits]};

  `MIXPE_ASSERT(RowsExist, (!valid_i || {1'b0, last_row_i} <= (RowBits + 1)'(Rows - 1)) &&
                           (!load_i || {1'b0, load_row_i} <= (RowBits + 1)'(Rows - 1)))
  `MIXPE_ASSERT(StepsOfTwoCycles, !second || valid_i)
  `MIXPE_ASSERT_PARAM(LanesServeAllColumns, Lanes * Interval >= Cols)
endmodule
