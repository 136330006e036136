`include "mixpe_assert.svh"

// The running sum of an integer PE, after its adder.
//  * Output-stationary: addend_o is the sum so far, 0 for a segment's first step; last_i copies the
//    new sum into the shadow register, whose chain passes from chain_i to chain_o.
//  * Shadow = 0, for arrays that do not overlap passes: the sum itself is the chain's register, and
//    last_i does nothing.
//  * Weight-stationary: addend_o is the sum from the row above (chain_i), and chain_o the new sum,
//    registered. `second_i` (a step of two cycles) continues the sum of the cycle before.
module sum_register #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int SumBits = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               first_i,
  input  logic               second_i,
  input  logic               last_i,
  input  logic               shift_i,
  output logic [SumBits-1:0] addend_o,
  input  logic [SumBits-1:0] sum_i,    // the adder's result
  input  logic [SumBits-1:0] chain_i,
  output logic [SumBits-1:0] chain_o
);
  logic [SumBits-1:0] sum_q /* verilator public_flat_rd */;  // seen by co-simulation
  if (WeightStationary) begin : gen_weight_stationary
    always_ff @(posedge clk_i) sum_q <= sum_i;
    assign addend_o = second_i ? sum_q : chain_i;
    assign chain_o = sum_q;
    logic unused;
    assign unused = ^{rst_ni, first_i, last_i, shift_i};
  end else if (!Shadow) begin : gen_drained
    always_ff @(posedge clk_i) sum_q <= shift_i ? chain_i : sum_i;
    assign addend_o = sum_q & {SumBits{~first_i}};
    assign chain_o = sum_q;
    logic unused;
    assign unused = ^{rst_ni, second_i, last_i};
  end else begin : gen_output_stationary
    always_ff @(posedge clk_i) sum_q <= sum_i;
    assign addend_o = sum_q & {SumBits{~first_i}};
    shadow_register #(.SumBits(SumBits)) u_shadow (
      .clk_i(clk_i), .rst_ni(rst_ni), .capture_i(last_i), .shift_i(shift_i),
      .sum_i(sum_i), .above_i(chain_i), .shadow_o(chain_o)
    );
    logic unused;
    assign unused = second_i;
  end
  `MIXPE_ASSERT_PARAM(TheSumHasASign, SumBits >= 2)
endmodule
