// For yosys' SAT solver: shift_add is addend + x * weight, for all operands (holds_o is always 1).
module shift_add_is_a_product (
  input  logic [7:0]  x_i,
  input  logic [3:0]  weight_i,
  input  logic        signed_i,
  input  logic [19:0] addend_i,
  output logic        holds_o
);
  logic [19:0] sum;
  logic signed [19:0] product;
  logic signed [4:0]  weight;
  shift_add #(.XBits(8), .SumBits(20)) u_dut (
    .x_i(x_i), .weight_i(weight_i), .signed_i(signed_i), .addend_i(addend_i), .sum_o(sum)
  );
  assign weight = {signed_i & weight_i[3], weight_i};
  assign product = $signed(x_i) * weight;
  assign holds_o = sum == addend_i + product;
endmodule
