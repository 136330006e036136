// An example of a PE of one's own: weights of 2-4 bits x 8-bit activations (README.md).
module my_pe #(
  parameter bit WeightStationary = 1'b0,
  parameter int ActBits = 8,
  parameter int WgtBits = 4,
  parameter int SumBits = 20
) (
  input  logic               clk_i, rst_ni,
  input  logic               weight_signed_i, weight_wide_i,
  input  logic [ActBits-1:0] act_i,
  input  logic               valid_i, first_i, last_i, shift_i,
  output logic [ActBits-1:0] act_o,
  output logic               valid_o, first_o, last_o, shift_o,
  input  logic [WgtBits-1:0] wgt_i,
  input  logic               take_i,
  output logic [WgtBits-1:0] wgt_o,
  output logic               take_o,
  input  logic [SumBits-1:0] sum_i,
  output logic [SumBits-1:0] sum_o,
  output logic               overflow_o
);
  // Operand registers, the tags beside them, and what weights do in either dataflow.
  logic [WgtBits-1:0] weight;
  pe_links #(
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits)
  ) u_links (.*, .weight_o(weight));

  // One bit more than the sum shows whether it wraps.
  logic [SumBits-1:0] addend;
  logic signed [SumBits:0] product, sum;
  assign product = $signed(act_o) * $signed({weight_signed_i & weight[WgtBits-1], weight});
  assign sum = $signed({addend[SumBits-1], addend}) + product;
  assign overflow_o = sum[SumBits] != sum[SumBits-1];

  // The running sum with its shadow register, or the sum on its way down the column.
  sum_register #(.WeightStationary(WeightStationary), .SumBits(SumBits)) u_sum (
    .*, .first_i(first_o), .second_i(1'b0), .last_i(last_o), .shift_i(shift_o),
    .addend_o(addend), .sum_i(sum[SumBits-1:0]), .chain_i(sum_i), .chain_o(sum_o)
  );
endmodule
