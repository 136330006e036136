`include "mixpe_assert.svh"

// An exact product of small significands as FP32: no rounding, never subnormal (FP16 products are
// multiples of 2^-48).
//  * The value is magnitude * 2^(exponent + Offset - 127), 127 being FP32's bias.
module product_to_fp32 #(
  parameter int MagBits = 22,  // 24 at most
  parameter int Offset = 79
) (
  input  logic               negative_i,
  input  logic [MagBits-1:0] magnitude_i,
  input  logic [7:0]         exponent_i,
  input  logic               inf_i,
  input  logic               inf_negative_i,
  input  logic               nan_i,
  output logic [31:0]        product_o
);
  localparam int WideExp = mixpe_pkg::ExpBits;
  logic signed [WideExp-1:0] exponent;
  logic signed [WideExp-1:0] exponent_normal;
  logic [23:0]               normal;
  logic [31:0]               finite;
  assign exponent = $signed({{(WideExp - 8){1'b0}}, exponent_i}) + WideExp'(Offset);
  fp_normalize #(.MagBits(MagBits), .Width(24)) u_normalize (
    .magnitude_i(magnitude_i), .exponent_i(exponent), .normal_o(normal),
    .exponent_o(exponent_normal)
  );
  // Without a highest bit it is 0.
  assign finite = {negative_i, exponent_normal[7:0] & {8{normal[23]}}, normal[22:0]};
  assign product_o = nan_i ? mixpe_pkg::Fp32Nan
      : inf_i ? {inf_negative_i, mixpe_pkg::Fp32Inf} : finite;
  logic unused;
  assign unused = ^exponent_normal[WideExp-1:8];
  `MIXPE_ASSERT_PARAM(TheProductIsExact, MagBits <= 24)
endmodule
