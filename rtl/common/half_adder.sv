`include "mixpe_assert.svh"

// Adds two bits. A module of its own so that a technology map can put the library's adder cell.
module half_adder (
  input  logic a_i,
  input  logic b_i,
  output logic sum_o,
  output logic carry_o
);
  assign sum_o = a_i ^ b_i;
  assign carry_o = a_i & b_i;
  `MIXPE_ASSERT_COMB(IsTheSum, {carry_o, sum_o} == {1'b0, a_i} + {1'b0, b_i})
endmodule
