`include "mixpe_assert.svh"

// Takes an IEEE 754 code apart: (-1)^negative * significand * 2^(exponent - bias - FracBits).
//  * exponent_o is biased; subnormals and zeros count as 1 (docs/numerics.md).
//  * The significand holds the hidden bit. For infinities and NaN it has no meaning.
module fp_unpack #(
  parameter int ExpBits = 5,
  parameter int FracBits = 10
) (
  input  logic [ExpBits+FracBits:0] code_i,
  output logic                      negative_o,
  output logic [ExpBits-1:0]        exponent_o,
  output logic [FracBits:0]         significand_o,
  output logic                      zero_o,
  output logic                      inf_o,
  output logic                      nan_o
);
  logic [ExpBits-1:0]  field;
  logic [FracBits-1:0] fraction;
  logic                normal;
  assign {negative_o, field, fraction} = code_i;
  assign normal = |field;
  assign exponent_o = {field[ExpBits-1:1], field[0] | ~normal};
  assign significand_o = {normal, fraction};
  assign zero_o = ~normal & ~|fraction;
  assign inf_o = &field & ~|fraction;
  assign nan_o = &field & |fraction;
  `MIXPE_ASSERT_COMB(OfOneKindAtMost, !(zero_o && inf_o) && !(zero_o && nan_o) && !(inf_o && nan_o))
endmodule
