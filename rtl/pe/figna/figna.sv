`include "mixpe_assert.svh"

// FIGNA's PE (models/pe/figna): FP16 activations, aligned to their segment's exponent at the array's edge,
// times integer weights in a two's complement multiplier. Ports: rtl/README.md.
//  * act_i = {flags, 16-bit integer} from the row's aligner; sum_o = {flags, integer}.
//  * Weights of 4 or 8 bits (WgtBits), signed if weight_signed_i.
module figna #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int WgtBits = 4,
  parameter int ActBits = mixpe_pkg::AlignedBits + mixpe_pkg::FlagBits,
  parameter int SumBits = (WgtBits == 4 ? 27 : 31) + mixpe_pkg::FlagBits
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
  localparam int AccBits = SumBits - mixpe_pkg::FlagBits;
  localparam int XBits = mixpe_pkg::AlignedBits;

  logic [WgtBits-1:0] weight;
  pe_links #(
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits), .Hop(1)
  ) u_links (
    .clk_i(clk_i), .rst_ni(rst_ni), .weight_wide_i(weight_wide_i),
    .act_i(act_i), .valid_i(valid_i), .first_i(first_i), .last_i(last_i), .shift_i(shift_i),
    .act_o(act_o), .valid_o(valid_o), .first_o(first_o), .last_o(last_o), .shift_o(shift_o),
    .wgt_i(wgt_i), .take_i(take_i), .wgt_o(wgt_o), .take_o(take_o), .weight_o(weight)
  );

  logic               weight_negative;
  logic [SumBits-1:0] addend, sum;
  assign weight_negative = weight_signed_i & weight[WgtBits-1];
  multiply_add #(.ABits(XBits), .BBits(WgtBits + 1), .SumBits(AccBits)) u_mac (
    .a_i(act_o[XBits-1:0]), .b_i({weight_negative, weight}), .addend_i(addend[AccBits-1:0]),
    .sum_o(sum[AccBits-1:0])
  );
  special_flags u_flags (
    .sum_i(addend[SumBits-1:AccBits]), .act_i(act_o[ActBits-1:XBits]), .weight_zero_i(~|weight),
    .weight_negative_i(weight_negative), .sum_o(sum[SumBits-1:AccBits])
  );
  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum), .chain_i(sum_i), .chain_o(sum_o)
  );

  // Both summands of one sign, the sum of the other. A product of 0 changes no sign.
  logic product_negative;
  assign product_negative = act_o[XBits-1] ^ weight_negative;
  assign overflow_o =
      (addend[AccBits-1] == product_negative) & (sum[AccBits-1] != product_negative);

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == XBits + mixpe_pkg::FlagBits &&
                      (WgtBits == 4 || WgtBits == 8) && AccBits >= XBits + WgtBits + 1)
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
endmodule
