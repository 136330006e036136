`include "mixpe_assert.svh"

// Adds up a row's FP16 activations over a segment in FP32, for zero-points, in the order of the PE's
// own sum and as fast: with its adder (docs/numerics.md). Tags and act_i as at a PE's operand registers.
//  * ProductLatency registers stand for the PE's multiplier.
//  * Output-stationary: sum_o is the segment's sum ProductLatency + Interleave * AddLatency cycles after
//    last_i, as the PE's shadow register is.
//  * Weight-stationary: a link of a chain down the rows; sum_o is sum_i + the activation.
module row_sum_fp32 #(
  parameter bit WeightStationary = 1'b0,
  parameter int ProductLatency = 1,
  parameter int AddLatency = 2,
  parameter int Interleave = 2
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic        first_i,
  input  logic        last_i,
  input  logic [15:0] act_i,
  input  logic [31:0] sum_i,
  output logic [31:0] sum_o
);
  logic [31:0] act, act_q;
  logic        valid_q, first_q, last_q;
  fp16_multiply u_widen (.a_i(act_i), .b_i(16'h3c00), .product_o(act));  // times 1: exact
  skew_register #(.Cycles(ProductLatency), .DataBits(32), .TagBits(3)) u_product (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(act), .tags_i({valid_i, first_i, last_i}),
    .data_o(act_q), .tags_o({valid_q, first_q, last_q})
  );
  fp32_accumulator #(
    .WeightStationary(WeightStationary), .AddLatency(AddLatency), .Interleave(Interleave)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .product_i(act_q), .valid_i(valid_q), .first_i(first_q),
    .last_i(last_q), .shift_i(1'b0), .chain_i(sum_i), .chain_o(sum_o)
  );
  `MIXPE_ASSERT_PARAM(StagesExist, ProductLatency >= 1 && AddLatency >= 1 && Interleave >= 1)
endmodule
