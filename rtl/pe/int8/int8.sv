`include "mixpe_assert.svh"

// INT8 x INT8, integer sum (models/pe/int8). Ports: rtl/README.md.
module int8 #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int ActBits = 8,
  parameter int WgtBits = 8,
  parameter int SumBits = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               weight_signed_i,
  input  logic               weight_wide_i,
  input  logic [ActBits-1:0] act_i,
  input  logic               valid_i,
  input  logic               first_i,
  input  logic               last_i,
  input  logic               shift_i,
  output logic [ActBits-1:0] act_o,
  output logic               valid_o,
  output logic               first_o,
  output logic               last_o,
  output logic               shift_o,
  input  logic [WgtBits-1:0] wgt_i,
  input  logic               take_i,
  output logic [WgtBits-1:0] wgt_o,
  output logic               take_o,
  input  logic [SumBits-1:0] sum_i,
  output logic [SumBits-1:0] sum_o,
  output logic               overflow_o
);
  logic [WgtBits-1:0] weight;
  pe_links #(
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits), .Hop(1)
  ) u_links (.*, .weight_o(weight));

  logic [SumBits-1:0] addend, sum;
  multiply_add #(.ABits(8), .BBits(8), .SumBits(SumBits)) u_mac (
    .a_i(act_o), .b_i(weight), .addend_i(addend), .sum_o(sum)
  );
  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum), .chain_i(sum_i), .chain_o(sum_o)
  );

  // Both summands of one sign, the sum of the other. A product of 0 changes no sign.
  logic product_negative;
  assign product_negative = act_o[7] ^ weight[7];
  assign overflow_o = (addend[SumBits-1] == product_negative) & (sum[SumBits-1] != product_negative);

  logic unused;
  assign unused = weight_signed_i;

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == 8 && WgtBits == 8 && SumBits >= 16)
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
endmodule
