// For yosys' SAT solver: shift_add is addend + x * weight, for all operands of every weight format: codes of
// 2, 3 and 4 bits, signed and unsigned, extended to a nibble as the array's edge does it (holds_o is
// always 1).
//  * Wrong = 1 takes the top bit of a signed weight as positive: a claim that must be refuted.
module shift_add_is_a_product #(
  parameter int XBits = 8,
  parameter int SumBits = 20,
  parameter bit Wrong = 1'b0
) (
  input  logic [XBits-1:0]   x_i,
  input  logic [3:0]         code_i,
  input  logic               two_bits_i,
  input  logic               three_bits_i,
  input  logic               signed_i,
  input  logic [SumBits-1:0] addend_i,
  output logic               holds_o
);
  logic signed [4:0] weight;  // the code's value
  assign weight = two_bits_i ? {{3{signed_i & code_i[1]}}, code_i[1:0]}
      : three_bits_i ? {{2{signed_i & code_i[2]}}, code_i[2:0]} : {signed_i & code_i[3], code_i};

  logic [SumBits-1:0] sum;
  shift_add #(.XBits(XBits), .SumBits(SumBits)) u_dut (
    .x_i(x_i), .weight_i(weight[3:0]), .signed_i(signed_i), .addend_i(addend_i), .sum_o(sum)
  );
  logic signed [4:0]         claimed;
  logic signed [SumBits-1:0] product;
  assign claimed = Wrong ? {1'b0, weight[3:0]} : weight;
  assign product = $signed(x_i) * claimed;
  assign holds_o = sum == addend_i + product;
endmodule
