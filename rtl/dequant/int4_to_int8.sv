`include "mixpe_assert.svh"

// Converter before the array: wrap8(q * scale - zero * scale), all 8-bit arithmetic (docs/numerics.md).
// q, zero and scale as two's complement; unsigned ones zero-extended. Combinational.
module int4_to_int8 (
  input  logic [4:0] q_i,
  input  logic [4:0] zero_i,
  input  logic [7:0] scale_i,
  output logic [7:0] weight_o
);
  // Modulo 2^8 the order of operations does not show: subtract first, multiply once.
  logic [7:0] difference;
  assign difference = {{3{q_i[4]}}, q_i} - {{3{zero_i[4]}}, zero_i};
  logic [15:0] product;
  multiply_add #(.ABits(8), .BBits(8), .SumBits(16), .Signed(1'b0)) u_multiply (
    .a_i(difference), .b_i(scale_i), .addend_i(16'b0), .sum_o(product)
  );
  assign weight_o = product[7:0];
  logic unused;
  assign unused = ^product[15:8];
  `MIXPE_ASSERT_COMB(BothOrdersAgree, weight_o == {{3{q_i[4]}}, q_i} * scale_i -
                     {{3{zero_i[4]}}, zero_i} * scale_i)
endmodule
