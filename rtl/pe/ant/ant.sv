`include "mixpe_assert.svh"

// ANT's PE (models/pe/ant): operands are decoded to integer and exponent, integers multiplied, products
// shifted by both exponents. Ports: rtl/README.md.
//  * mode_i = {weight's type, activation's type, nibbles}; types as in flint_decode (weights: 2 is pot4,
//    activations: 2 is uflint4).
//  * Fusable: four units. nibbles: four 4-bit products, lane l in bits [4*l +: 4] of both ports; else one
//    INT8 product, of the ports' low bytes. Lanes beyond the segment's end have an activation of 0.
//  * Fusable = 0: one product of a flint4 weight and an INT8 activation; mode_i has no meaning.
module ant #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter bit Fusable = 1'b1,
  parameter int ActBits = Fusable ? 16 : 8,
  parameter int WgtBits = Fusable ? 16 : 4,
  parameter int SumBits = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [4:0]         mode_i,
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
  logic [SumBits:0]   wide_addend, sum;
  assign wide_addend = {addend[SumBits-1], addend};

  if (Fusable) begin : gen_fusable
    logic        bytes;
    logic [19:0] act_integer, weight_integer;
    logic [11:0] act_exponent, weight_exponent;
    assign bytes = ~mode_i[0];
    for (genvar u = 0; u < 4; u++) begin : gen_unit
      // Of a byte, unit u takes nibble u % 2 of the activation and u / 2 of the weight.
      logic [3:0] a, w;
      assign a = bytes ? act_o[4*(u%2) +: 4] : act_o[4*u +: 4];
      assign w = bytes ? weight[4*(u/2) +: 4] : weight[4*u +: 4];
      flint_decode #(.High(u % 2 == 1)) u_act (
        .code_i(a), .type_i(mode_i[2:1]), .byte_i(bytes),
        .integer_o(act_integer[5*u +: 5]), .exponent_o(act_exponent[3*u +: 3])
      );
      flint_decode #(.PowersOfTwo(1'b1), .High(u / 2 == 1)) u_weight (
        .code_i(w), .type_i(mode_i[4:3]), .byte_i(bytes),
        .integer_o(weight_integer[5*u +: 5]), .exponent_o(weight_exponent[3*u +: 3])
      );
    end
    nibble_units #(.SumBits(SumBits + 1)) u_units (
      .a_integer_i(act_integer), .a_exponent_i(act_exponent), .b_integer_i(weight_integer),
      .b_exponent_i(weight_exponent), .addend_i(wide_addend), .sum_o(sum)
    );
  end else begin : gen_w4a8
    // |integer| <= 3, |product| <= 128 * 16.
    logic [4:0]  integer_value;
    logic [2:0]  exponent;
    logic [10:0] product;
    logic [12:0] shifted;
    flint_decode u_weight (
      .code_i(weight), .type_i(2'd1), .byte_i(1'b0), .integer_o(integer_value), .exponent_o(exponent)
    );
    signed_product #(.ABits(8), .BBits(3)) u_multiply (
      .a_i(act_o), .b_i(integer_value[2:0]), .product_o(product)
    );
    assign shifted = {{2{product[10]}}, product} << exponent;
    assign sum = wide_addend + {{(SumBits - 12){shifted[12]}}, shifted};
    logic unused;
    assign unused = ^{mode_i, integer_value[4:3]};
  end

  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum[SumBits-1:0]), .chain_i(sum_i), .chain_o(sum_o)
  );
  assign overflow_o = sum[SumBits] ^ sum[SumBits-1];

  logic unused_signed;
  assign unused_signed = weight_signed_i;

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == (Fusable ? 16 : 8) && SumBits >= 18 &&
                      WgtBits == (Fusable ? 16 : 4))
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
  `MIXPE_ASSERT(TypesExist, mode_i[2:1] != 2'd3 && mode_i[4:3] != 2'd3)
endmodule
