`include "mixpe_assert.svh"

// a_i * b_i, both two's complement, in full width.
module signed_product #(
  parameter int ABits = 8,
  parameter int BBits = 8
) (
  input  logic [ABits-1:0]       a_i,
  input  logic [BBits-1:0]       b_i,
  output logic [ABits+BBits-1:0] product_o
);
  multiply_add #(.ABits(ABits), .BBits(BBits), .SumBits(ABits + BBits)) u_multiply (
    .a_i(a_i), .b_i(b_i), .addend_i({(ABits + BBits){1'b0}}), .sum_o(product_o)
  );
  `MIXPE_ASSERT_PARAM(OperandsHaveASign, ABits >= 2 && BBits >= 2)
endmodule
