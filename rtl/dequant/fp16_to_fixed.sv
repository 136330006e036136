`include "mixpe_assert.svh"

// An FP16 activation in units of 2^-24: 41-bit two's complement, {NaN, -Inf, +Inf} flags above, beside
// a 0. For the row sums of the fixed-point PE. Combinational.
module fp16_to_fixed (
  input  logic [15:0] act_i,
  output logic [43:0] fixed_o
);
  logic        negative, inf, nan;
  logic [4:0]  exponent, shift;
  logic [10:0] significand;
  logic [40:0] magnitude;
  fp_unpack #(.ExpBits(5), .FracBits(10)) u_unpack (
    .code_i(act_i), .negative_o(negative), .exponent_o(exponent), .significand_o(significand),
    .zero_o(), .inf_o(inf), .nan_o(nan)
  );
  assign shift = exponent - 5'd1;
  assign magnitude = {30'b0, significand} << shift;
  assign fixed_o = (inf | nan) ? {nan, inf & negative, inf & ~negative, 41'b0}
      : {3'b000, negative ? -magnitude : magnitude};
  `MIXPE_ASSERT_COMB(ASignOnlyOfNumbers, !fixed_o[40] || (negative && !inf && !nan))
endmodule
