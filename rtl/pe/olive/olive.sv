`include "mixpe_assert.svh"

// OliVe's PE (models/pe/olive): INT4 and abfloat outliers of outlier-victim pairs, decoded to integer and
// exponent, in four 4-bit units that fuse to an INT8 product. Ports: rtl/README.md.
//  * mode_i = {weights in pairs, activations in pairs, nibbles}.
//  * nibbles: four products, lane l in bits [5*l +: 5] of both ports as ovp_decode gives it, or INT4 with
//    bit 4 without meaning; else one INT8 product, of the ports' low bytes. Lanes beyond the segment's
//    end have an activation of 0.
module olive #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int ActBits = 20,
  parameter int WgtBits = 20,
  parameter int SumBits = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [2:0]         mode_i,
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

  logic        bytes;
  logic [19:0] act_integer, weight_integer;
  logic [11:0] act_exponent, weight_exponent;
  assign bytes = ~mode_i[0];
  for (genvar u = 0; u < 4; u++) begin : gen_unit
    // Of a byte, unit u takes nibble u % 2 of the activation and u / 2 of the weight.
    logic [4:0] a, w;
    assign a = bytes ? {1'b0, act_o[4*(u%2) +: 4]} : act_o[5*u +: 5];
    assign w = bytes ? {1'b0, weight[4*(u/2) +: 4]} : weight[5*u +: 5];
    abfloat_decode #(.High(u % 2 == 1)) u_act (
      .code_i(a), .pairs_i(mode_i[1]), .byte_i(bytes),
      .integer_o(act_integer[5*u +: 5]), .exponent_o(act_exponent[3*u +: 3])
    );
    abfloat_decode #(.High(u / 2 == 1)) u_weight (
      .code_i(w), .pairs_i(mode_i[2]), .byte_i(bytes),
      .integer_o(weight_integer[5*u +: 5]), .exponent_o(weight_exponent[3*u +: 3])
    );
  end

  // One bit more than the sum has tells whether the step left its range.
  logic [SumBits-1:0] addend;
  logic [SumBits:0]   sum;
  nibble_units #(.SumBits(SumBits + 1)) u_units (
    .a_integer_i(act_integer), .a_exponent_i(act_exponent), .b_integer_i(weight_integer),
    .b_exponent_i(weight_exponent), .addend_i({addend[SumBits-1], addend}), .sum_o(sum)
  );
  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum[SumBits-1:0]), .chain_i(sum_i), .chain_o(sum_o)
  );
  assign overflow_o = sum[SumBits] ^ sum[SumBits-1];

  logic unused;
  assign unused = weight_signed_i;

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == 20 && WgtBits == 20 && SumBits >= 18)
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
endmodule
