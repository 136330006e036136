`include "mixpe_assert.svh"

// Converter before the array: RNE16((q - zero) * scale), one rounding (docs/numerics.md).
// q and zero as two's complement; unsigned ones zero-extended. Combinational.
module int_to_fp16 #(
  parameter int Bits = 5
) (
  input  logic [Bits-1:0] q_i,
  input  logic [Bits-1:0] zero_i,
  input  logic [15:0]     scale_i,
  output logic [15:0]     weight_o
);
  localparam int MagBits = Bits + 1 + 11;
  localparam int WideExp = mixpe_pkg::ExpBits;
  localparam logic signed [WideExp-1:0] FracBits = 10;

  logic [Bits:0] difference, difference_magnitude;
  logic scale_negative, scale_inf, scale_nan, negative;
  logic [4:0]                scale_exponent;
  logic [10:0]               scale_significand;
  logic [MagBits-1:0]        magnitude;
  logic signed [WideExp-1:0] exponent;
  logic [15:0]               finite;
  assign difference = {q_i[Bits-1], q_i} - {zero_i[Bits-1], zero_i};
  assign difference_magnitude = difference[Bits] ? -difference : difference;
  fp_unpack #(.ExpBits(5), .FracBits(10)) u_scale (
    .code_i(scale_i), .negative_o(scale_negative), .exponent_o(scale_exponent),
    .significand_o(scale_significand), .zero_o(), .inf_o(scale_inf), .nan_o(scale_nan)
  );
  assign negative = difference[Bits] ^ scale_negative;
  multiply_add #(.ABits(11), .BBits(Bits + 1), .SumBits(MagBits), .Signed(1'b0)) u_multiply (
    .a_i(scale_significand), .b_i(difference_magnitude), .addend_i({MagBits{1'b0}}),
    .sum_o(magnitude)
  );
  assign exponent = $signed({{(WideExp - 5){1'b0}}, scale_exponent}) - FracBits;
  fp_encode #(.MagBits(MagBits), .ExpBits(5), .FracBits(10)) u_encode (
    .clk_i(1'b0), .negative_i(negative), .magnitude_i(magnitude), .exponent_i(exponent), .code_o(finite)
  );
  assign weight_o = (scale_nan | (scale_inf & ~|difference)) ? mixpe_pkg::Fp16Nan
      : scale_inf ? {negative, mixpe_pkg::Fp16Inf} : finite;
  `MIXPE_ASSERT_PARAM(CodesHaveASign, Bits >= 2)
endmodule
