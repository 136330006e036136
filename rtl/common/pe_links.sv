`include "mixpe_assert.svh"

// What every PE has around its arithmetic: registers that take the operands and pass them on, right
// and down, and the weight-stationary PE's two weights.
//  * act_o and the tags are the operand registers; the PE works on them and its right neighbour
//    takes them in the next cycle.
//  * Output-stationary: weight_o = wgt_o is the operand register.
//  * Weight-stationary: weights pass down, Hop cycles a row, one more for a step of two cycles (Wide
//    and weight_wide_i). `take` moves right with the weights of its row: they are stored as the next
//    ones, and the activation tagged `first` is the first to use them. So a tile's weights may follow
//    the start of the tile before at once (docs/timing.md).
module pe_links #(
  parameter bit WeightStationary = 1'b0,
  parameter int ActBits = 8,
  parameter int WgtBits = 8,
  parameter int Hop = 1,  // weight-stationary: cycles a row follows the row above
  parameter bit Wide = 1'b0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               weight_wide_i,
  input  logic [ActBits-1:0] act_i,
  input  logic               valid_i,
  input  logic               first_i,
  input  logic               last_i,
  input  logic               shift_i,
  output logic [ActBits-1:0] act_o,
  output logic               valid_o,
  output logic               first_o,
  output logic               last_o,
  output logic               shift_o,
  input  logic [WgtBits-1:0] wgt_i,
  input  logic               take_i,
  output logic [WgtBits-1:0] wgt_o,
  output logic               take_o,
  output logic [WgtBits-1:0] weight_o
);
  logic [ActBits-1:0] act_q;
  logic valid_q, first_q, last_q;
  always_ff @(posedge clk_i) act_q <= act_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {valid_q, first_q, last_q} <= 3'b000;
    else {valid_q, first_q, last_q} <= {valid_i, first_i, last_i};
  end
  assign act_o = act_q;
  assign {valid_o, first_o, last_o} = {valid_q, first_q, last_q};

  if (WeightStationary) begin : gen_weight_stationary
    localparam int Stages = Hop + (Wide ? 1 : 0);
    logic [Stages*WgtBits-1:0] wgt_q;
    logic                      take_q;
    logic [WgtBits-1:0]        next_q, active_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) take_q <= 1'b0;
      else take_q <= take_i;
    end
    if (Stages == 1) begin : gen_one
      always_ff @(posedge clk_i) wgt_q <= wgt_i;
    end else begin : gen_more
      always_ff @(posedge clk_i) wgt_q <= {wgt_q[(Stages-1)*WgtBits-1:0], wgt_i};
    end
    always_ff @(posedge clk_i) begin
      if (take_q) next_q <= wgt_q[0 +: WgtBits];
      if (first_q) active_q <= next_q;
    end
    assign weight_o = first_q ? next_q : active_q;
    assign wgt_o = (Wide && !weight_wide_i) ? wgt_q[(Hop-1)*WgtBits +: WgtBits]
                                            : wgt_q[(Stages-1)*WgtBits +: WgtBits];
    assign take_o = take_q;
    assign shift_o = 1'b0;
    logic unused_shift;
    assign unused_shift = shift_i ^ weight_wide_i;
  end else begin : gen_output_stationary
    logic [WgtBits-1:0] wgt_q;
    logic               shift_q;
    always_ff @(posedge clk_i) wgt_q <= wgt_i;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) shift_q <= 1'b0;
      else shift_q <= shift_i;
    end
    assign weight_o = wgt_q;
    assign wgt_o = wgt_q;
    assign take_o = 1'b0;
    assign shift_o = shift_q;
    logic unused_take;
    assign unused_take = take_i ^ weight_wide_i;
  end

  `MIXPE_ASSERT(FirstIsAStep, !first_i || valid_i)
  `MIXPE_ASSERT_PARAM(HopIsPositive, Hop >= 1)
endmodule
