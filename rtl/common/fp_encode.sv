`include "mixpe_assert.svh"

// RNE((-1)^negative * magnitude * 2^(exponent - bias)) as an IEEE 754 code: one rounding (fp_round).
//  * exponent_i is biased: the magnitude's lowest bit weighs 2^(exponent_i - bias).
//  * Registers = 1: code_o is a cycle late, with a register between normalising and rounding. 2: one
//    more before normalising. 0: combinational.
module fp_encode #(
  parameter int MagBits = 24,
  parameter int ExpBits = 8,
  parameter int FracBits = 23,
  parameter bit Subnormals = 1'b1,
  parameter int Registers = 0
) (
  input  logic                                 clk_i,  // of no account without registers
  input  logic                                 negative_i,
  input  logic [MagBits-1:0]                   magnitude_i,
  input  logic signed [mixpe_pkg::ExpBits-1:0] exponent_i,
  output logic [ExpBits+FracBits:0]            code_o
);
  // Hidden bit, fraction, guard bit and at least one sticky bit.
  localparam int Width = (MagBits > FracBits + 3) ? MagBits : FracBits + 3;
  localparam int WideExp = mixpe_pkg::ExpBits;

  logic                      negative, negative_normal;
  logic [MagBits-1:0]        magnitude;
  logic [Width-1:0]          normal_d, normal;
  logic signed [WideExp-1:0] exponent, exponent_d, exponent_normal;
  delay #(.Cycles((Registers > 1) ? 1 : 0), .Width(1 + WideExp + MagBits)) u_product (
    .clk_i(clk_i), .data_i({negative_i, exponent_i, magnitude_i}),
    .data_o({negative, exponent, magnitude})
  );
  fp_normalize #(.MagBits(MagBits), .Width(Width)) u_normalize (
    .magnitude_i(magnitude), .exponent_i(exponent), .normal_o(normal_d), .exponent_o(exponent_d)
  );
  delay #(.Cycles((Registers > 0) ? 1 : 0), .Width(1 + WideExp + Width)) u_normal (
    .clk_i(clk_i), .data_i({negative, exponent_d, normal_d}),
    .data_o({negative_normal, exponent_normal, normal})
  );
  fp_round #(
    .Width(Width), .ExpBits(ExpBits), .FracBits(FracBits), .Subnormals(Subnormals)
  ) u_round (
    .negative_i(negative_normal), .normal_i(normal), .exponent_i(exponent_normal), .code_o(code_o)
  );
  `MIXPE_ASSERT_PARAM(TwoRegistersAtMost, Registers >= 0 && Registers <= 2)
endmodule
