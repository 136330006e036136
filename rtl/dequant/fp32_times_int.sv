`include "mixpe_assert.svh"

// RNE32(FP32 * integer), IEEE 754 in full, the integer an exact value: 0 is +0. Latency as in
// fp32_scale.
module fp32_times_int #(
  parameter int Bits = 5,
  parameter int Latency = 1
) (
  input  logic            clk_i,
  input  logic [31:0]     a_i,
  input  logic [Bits-1:0] b_i,  // two's complement
  output logic [31:0]     product_o
);
  localparam int MagBits = 24 + Bits;
  localparam int WideExp = mixpe_pkg::ExpBits;
  localparam logic signed [WideExp-1:0] FracBits = 23;

  logic a_negative, a_inf, a_nan, negative;
  logic [7:0]                a_exponent;
  logic [23:0]               a_significand;
  logic [Bits-1:0]           b_magnitude;
  logic [MagBits-1:0]        magnitude;
  logic signed [WideExp-1:0] exponent;
  logic [31:0]               finite;
  fp_unpack #(.ExpBits(8), .FracBits(23)) u_a (
    .code_i(a_i), .negative_o(a_negative), .exponent_o(a_exponent),
    .significand_o(a_significand), .zero_o(), .inf_o(a_inf), .nan_o(a_nan)
  );
  assign negative = a_negative ^ b_i[Bits-1];
  assign b_magnitude = b_i[Bits-1] ? -b_i : b_i;
  multiply_add #(.ABits(24), .BBits(Bits), .SumBits(MagBits), .Signed(1'b0)) u_multiply (
    .a_i(a_significand), .b_i(b_magnitude), .addend_i({MagBits{1'b0}}), .sum_o(magnitude)
  );
  assign exponent = $signed({{(WideExp - 8){1'b0}}, a_exponent}) - FracBits;
  fp_encode #(.MagBits(MagBits), .ExpBits(8), .FracBits(23), .Registers(Latency - 1)) u_encode (
    .clk_i(clk_i), .negative_i(negative), .magnitude_i(magnitude), .exponent_i(exponent), .code_o(finite)
  );
  logic nan_q, inf_q, negative_q;
  delay #(.Cycles(Latency - 1), .Width(3)) u_special (
    .clk_i(clk_i), .data_i({a_nan | (a_inf & ~|b_i), a_inf, negative}),
    .data_o({nan_q, inf_q, negative_q})
  );
  assign product_o = nan_q ? mixpe_pkg::Fp32Nan : inf_q ? {negative_q, mixpe_pkg::Fp32Inf} : finite;
  `MIXPE_ASSERT_PARAM(StagesExist, Bits >= 2 && Latency >= 1 && Latency <= 3)
endmodule
