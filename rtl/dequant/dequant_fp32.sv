`include "mixpe_assert.svh"

// A dequantisation lane for FP32 sums: y + RNE32(RNE32(S - RNE32(z * r)) * scale)
// (docs/numerics.md). One output a cycle.
//  * z: two's complement, one bit wider than an unsigned zero-point. scale: FP16, or as ScaleExpBits
//    and ScaleFracBits say.
//  * Stages: RNE32(z * r) | S - it in AddLatency | p | y + p in AddLatency. What is given in cycle k,
//    with y_i in cycle k + 2 + AddLatency, is at y_o in cycle k + 2 + 2 * AddLatency; valid_o marks it.
//    With Deep, z * r and p take three stages each: 6 in place of 2.
module dequant_fp32 #(
  parameter int ZeroBits = 5,
  parameter int ScaleExpBits = 5,
  parameter int ScaleFracBits = 10,
  parameter int AddLatency = 2,
  parameter bit Deep = 1'b0
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                valid_i,
  input  logic [31:0]                         sum_i,
  input  logic [31:0]                         row_sum_i,
  input  logic [ZeroBits-1:0]                 zero_i,
  input  logic [ScaleExpBits+ScaleFracBits:0] scale_i,
  input  logic [31:0]                         y_i,
  output logic                                valid_o,
  output logic [31:0]                         y_o
);
  localparam int ProductLatency = Deep ? 3 : 1;  // of either product
  localparam int ScaleBits = 1 + ScaleExpBits + ScaleFracBits;

  logic [31:0]          offset, offset_q, sum_q, x, x_q;
  logic [ScaleBits-1:0] scale_q;
  fp32_times_int #(.Bits(ZeroBits), .Latency(ProductLatency)) u_offset (
    .clk_i(clk_i), .a_i(row_sum_i), .b_i(zero_i), .product_o(offset)
  );
  delay #(.Cycles(ProductLatency), .Width(32)) u_sum (
    .clk_i(clk_i), .data_i(sum_i), .data_o(sum_q)
  );
  delay #(.Cycles(ProductLatency + AddLatency), .Width(ScaleBits)) u_scale (
    .clk_i(clk_i), .data_i(scale_i), .data_o(scale_q)
  );
  always_ff @(posedge clk_i) begin
    offset_q <= offset;
    x_q <= x;
  end
  fp32_add #(.Latency(AddLatency)) u_subtract (
    .clk_i(clk_i), .rst_ni(rst_ni), .a_i(sum_q), .b_i({~offset_q[31], offset_q[30:0]}), .sum_o(x)
  );

  dequant_accumulate #(
    .ScaleExpBits(ScaleExpBits), .ScaleFracBits(ScaleFracBits), .ScaleLatency(ProductLatency),
    .AddLatency(AddLatency)
  ) u_accumulate (
    .clk_i(clk_i), .rst_ni(rst_ni), .x_i(x_q), .scale_i(scale_q), .y_i(y_i), .y_o(y_o)
  );
  valid_delay #(.Cycles(2 * ProductLatency + 2 * AddLatency)) u_valid (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .valid_o(valid_o)
  );
  `MIXPE_ASSERT_PARAM(ZeroPointsHaveASign, ZeroBits >= 2)
endmodule
