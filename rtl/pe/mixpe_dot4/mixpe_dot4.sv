`include "mixpe_assert.svh"

// Four INT2-INT4 weights x INT8 by shift-and-add, one adder tree and one integer group sum
// (models/pe/mixpe_dot4). Ports: rtl/README.md.
//  * Lane l, element 4 * step + l of the segment: act_i[8*l +: 8] and the nibble wgt_i[4*l +: 4]. The
//    edge extends weights of 2 and 3 bits, with their sign if weight_signed_i; lanes beyond the
//    segment's end have an activation of 0.
module mixpe_dot4 #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int ActBits = 32,
  parameter int WgtBits = 16,
  parameter int SumBits = 20
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
  ) u_links (
    .clk_i(clk_i), .rst_ni(rst_ni), .weight_wide_i(weight_wide_i),
    .act_i(act_i), .valid_i(valid_i), .first_i(first_i), .last_i(last_i), .shift_i(shift_i),
    .act_o(act_o), .valid_o(valid_o), .first_o(first_o), .last_o(last_o), .shift_o(shift_o),
    .wgt_i(wgt_i), .take_i(take_i), .wgt_o(wgt_o), .take_o(take_o), .weight_o(weight)
  );

  // One bit more than the sum has tells whether the step left its range.
  logic [SumBits-1:0] addend;
  logic [SumBits:0]   sum;
  dot_shift_add #(.Lanes(4), .XBits(8), .SumBits(SumBits + 1)) u_mac (
    .x_i(act_o), .weight_i(weight), .signed_i(weight_signed_i),
    .addend_i({addend[SumBits-1], addend}), .sum_o(sum)
  );
  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum[SumBits-1:0]), .chain_i(sum_i), .chain_o(sum_o)
  );
  assign overflow_o = sum[SumBits] ^ sum[SumBits-1];

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == 32 && WgtBits == 16 && SumBits >= 14)
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
endmodule
