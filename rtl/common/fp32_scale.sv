`include "mixpe_assert.svh"

// FP32 x float of any format, to FP32 with one rounding to nearest even. IEEE 754 in full; any NaN
// comes out as the canonical one.
//  * Latency 1: combinational. 2: a register before rounding. 3: one more after the product.
//    So product_o, stored in a register, is there Latency cycles after the operands.
module fp32_scale #(
  parameter int ExpBits = 5,   // of the second operand; FP16 by default
  parameter int FracBits = 10,
  parameter int Latency = 1
) (
  input  logic                      clk_i,
  input  logic [31:0]               a_i,
  input  logic [ExpBits+FracBits:0] b_i,
  output logic [31:0]               product_o
);
  localparam int MagBits = 24 + FracBits + 1;
  localparam int WideExp = mixpe_pkg::ExpBits;
  // The product's last place weighs 2^(ea - 127 - 23 + eb - bias - FracBits)
  //   = 2^(ea + eb + Offset - 127).
  localparam logic signed [WideExp-1:0] Offset =
      WideExp'(-22 - (1 << (ExpBits - 1)) - FracBits);

  logic a_negative, a_zero, a_inf, a_nan, b_negative, b_zero, b_inf, b_nan;
  logic [7:0]         a_exponent;
  logic [23:0]        a_significand;
  logic [ExpBits-1:0] b_exponent;
  logic [FracBits:0]  b_significand;
  fp_unpack #(.ExpBits(8), .FracBits(23)) u_a (
    .code_i(a_i), .negative_o(a_negative), .exponent_o(a_exponent),
    .significand_o(a_significand), .zero_o(a_zero), .inf_o(a_inf), .nan_o(a_nan)
  );
  fp_unpack #(.ExpBits(ExpBits), .FracBits(FracBits)) u_b (
    .code_i(b_i), .negative_o(b_negative), .exponent_o(b_exponent),
    .significand_o(b_significand), .zero_o(b_zero), .inf_o(b_inf), .nan_o(b_nan)
  );

  logic [MagBits-1:0]        magnitude;
  logic signed [WideExp-1:0] exponent;
  logic [31:0]               finite;
  multiply_add #(.ABits(24), .BBits(FracBits + 1), .SumBits(MagBits), .Signed(1'b0)) u_multiply (
    .a_i(a_significand), .b_i(b_significand), .addend_i({MagBits{1'b0}}), .sum_o(magnitude)
  );
  assign exponent = $signed({{(WideExp - 8){1'b0}}, a_exponent}) +
                    $signed({{(WideExp - ExpBits){1'b0}}, b_exponent}) + Offset;
  fp_encode #(.MagBits(MagBits), .ExpBits(8), .FracBits(23), .Registers(Latency - 1)) u_encode (
    .clk_i(clk_i), .negative_i(a_negative ^ b_negative), .magnitude_i(magnitude), .exponent_i(exponent),
    .code_o(finite)
  );

  logic nan, inf, nan_q, inf_q, negative_q;
  assign nan = a_nan | b_nan | (a_inf & b_zero) | (a_zero & b_inf);
  assign inf = a_inf | b_inf;
  delay #(.Cycles(Latency - 1), .Width(3)) u_special (
    .clk_i(clk_i), .data_i({nan, inf, a_negative ^ b_negative}), .data_o({nan_q, inf_q, negative_q})
  );
  assign product_o = nan_q ? mixpe_pkg::Fp32Nan : inf_q ? {negative_q, mixpe_pkg::Fp32Inf} : finite;
  `MIXPE_ASSERT_PARAM(StagesExist, Latency >= 1 && Latency <= 3)
endmodule
