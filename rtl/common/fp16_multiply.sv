`include "mixpe_assert.svh"

// FP16 x FP16, exact in FP32: 22 significant bits, last place 2^-48 to 2^10. Combinational.
module fp16_multiply (
  input  logic [15:0] a_i,
  input  logic [15:0] b_i,
  output logic [31:0] product_o
);
  logic a_negative, a_zero, a_inf, a_nan, b_negative, b_zero, b_inf, b_nan;
  logic [4:0]  a_exponent, b_exponent;
  logic [10:0] a_significand, b_significand;
  logic [21:0] magnitude;
  fp_unpack #(.ExpBits(5), .FracBits(10)) u_a (
    .code_i(a_i), .negative_o(a_negative), .exponent_o(a_exponent),
    .significand_o(a_significand), .zero_o(a_zero), .inf_o(a_inf), .nan_o(a_nan)
  );
  fp_unpack #(.ExpBits(5), .FracBits(10)) u_b (
    .code_i(b_i), .negative_o(b_negative), .exponent_o(b_exponent),
    .significand_o(b_significand), .zero_o(b_zero), .inf_o(b_inf), .nan_o(b_nan)
  );
  multiply_add #(.ABits(11), .BBits(11), .SumBits(22), .Signed(1'b0)) u_multiply (
    .a_i(a_significand), .b_i(b_significand), .addend_i(22'b0), .sum_o(magnitude)
  );
  // The last place weighs 2^(ea - 25 + eb - 25) = 2^(ea + eb + 77 - 127).
  product_to_fp32 #(.MagBits(22), .Offset(77)) u_encode (
    .negative_i(a_negative ^ b_negative), .magnitude_i(magnitude),
    .exponent_i({3'b0, a_exponent} + {3'b0, b_exponent}), .inf_i(a_inf | b_inf),
    .inf_negative_i(a_negative ^ b_negative),
    .nan_i(a_nan | b_nan | (a_inf & b_zero) | (a_zero & b_inf)), .product_o(product_o)
  );
  `MIXPE_ASSERT_COMB(NanIsCanonical, product_o[30:0] <= mixpe_pkg::Fp32Inf ||
                     product_o == mixpe_pkg::Fp32Nan)
endmodule
