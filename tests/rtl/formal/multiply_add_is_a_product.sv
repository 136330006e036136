// For yosys' SAT solver: multiply_add is addend + a * b, for all operands, signed and unsigned, at widths
// the solver can take. This proves the generator as yosys elaborates it; the PEs' own widths are
// compared exhaustively under Verilator (holds_o is always 1).
//  * Wrong = 1 takes the top bit of a signed b as positive: a claim that must be refuted.
module multiply_add_is_a_product #(
  parameter bit Wrong = 1'b0
) (
  input  logic [4:0]  a_i,
  input  logic [3:0]  b_i,
  input  logic [13:0] addend_i,
  output logic        holds_o
);
  logic [13:0] sum_signed, sum_unsigned;
  logic signed [13:0] product_signed;
  logic [13:0]        product_unsigned;
  multiply_add #(.ABits(5), .BBits(4), .SumBits(14), .Signed(1'b1)) u_signed (
    .a_i(a_i), .b_i(b_i), .addend_i(addend_i), .sum_o(sum_signed)
  );
  multiply_add #(.ABits(5), .BBits(4), .SumBits(14), .Signed(1'b0)) u_unsigned (
    .a_i(a_i), .b_i(b_i), .addend_i(addend_i), .sum_o(sum_unsigned)
  );
  logic signed [4:0] b_claimed;
  assign b_claimed = {b_i[3] & ~Wrong, b_i};
  assign product_signed = $signed(a_i) * b_claimed;
  assign product_unsigned = {9'b0, a_i} * {10'b0, b_i};
  assign holds_o = (sum_signed == addend_i + product_signed) &
                   (sum_unsigned == addend_i + product_unsigned);
endmodule
