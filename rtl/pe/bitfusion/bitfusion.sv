`include "mixpe_assert.svh"

// BitFusion's fusion unit (models/pe/bitfusion): sixteen bricks, each a product of two 2-bit digits, fused
// by mode_i to products along k that join one integer sum. Ports: rtl/README.md.
//  * mode_i = {activations are signed, products}: 0: one 8 x 8 bit product; 1: two of 8-bit activations x
//    4-bit weights; 2: four 4 x 4; 3: sixteen 2 x 2 (ActBits = WgtBits = 32). Lane l has the l-th
//    activation and weight from bit 0 on; lanes beyond the segment's end have an activation of 0.
module bitfusion #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int ActBits = 16,
  parameter int WgtBits = 16,
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
  localparam bit Full = ActBits == 32;  // mode 3 exists
  localparam int Bricks = 16;

  logic               act_signed;
  logic [1:0]         products;
  logic [WgtBits-1:0] weight;
  assign {act_signed, products} = mode_i;
  pe_links #(
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits), .Hop(1)
  ) u_links (
    .clk_i(clk_i), .rst_ni(rst_ni), .weight_wide_i(weight_wide_i),
    .act_i(act_i), .valid_i(valid_i), .first_i(first_i), .last_i(last_i), .shift_i(shift_i),
    .act_o(act_o), .valid_o(valid_o), .first_o(first_o), .last_o(last_o), .shift_o(shift_o),
    .wgt_i(wgt_i), .take_i(take_i), .wgt_o(wgt_o), .take_o(take_o), .weight_o(weight)
  );

  // One bit more than the sum has tells whether the step left its range.
  localparam int Width = SumBits + 1;
  localparam int Rows = Bricks + 2;
  localparam logic [Width-1:0] Product = 31;  // the bits of one

  // Bricks 4g to 4g + 3 multiply two nibbles: two by two digits whose places relative to each other no
  // mode changes. Which nibbles, and with them the group's place, follows the mode. Row b of the tree is a
  // brick's product, 5 bits. Its sign bit is inverted, which adds 2^4 at its place; a constant for each
  // mode takes back the sum of these.
  function automatic logic [Rows*Width-1:0] masks();
    integer b;
    begin
      masks = '0;
      for (b = 0; b < Bricks; b = b + 1) begin
        masks[b*Width +: Width] = (Full ? Product : '0) |
            (((Product << (4 * ((b / 4) % 2 + b / 8))) | (Product << (4 * ((b / 4) % 2))) | Product)
             << (2 * (b % 2 + (b / 2) % 2)));
      end
      masks[Bricks*Width +: 2*Width] = {(2*Width){1'b1}};
    end
  endfunction

  localparam logic [Rows*Width-1:0] Masks = masks();

  logic [Rows*Width-1:0] rows;
  for (genvar b = 0; b < Bricks; b++) begin : gen_brick
    // First bits of the two operands' digits in each mode; the brick's place in its group.
    localparam int Group = b / 4, ADigit = b % 2, WDigit = (b / 2) % 2, Place = 2 * (ADigit + WDigit);
    localparam int A0 = 4 * (Group % 2) + 2 * ADigit, W0 = 4 * (Group / 2) + 2 * WDigit;
    localparam int A1 = 4 * Group + 2 * ADigit, W1 = 4 * (Group / 2) + 2 * WDigit;
    localparam int W2 = 4 * Group + 2 * WDigit;
    localparam int A3 = Full ? 2 * b : 0;
    logic [1:0] a, w;
    logic       a_top, w_top;
    assign a = products == 2'd0 ? act_o[A0 +: 2]
             : products != 2'd3 || !Full ? act_o[A1 +: 2] : act_o[A3 +: 2];
    assign w = products == 2'd0 ? weight[W0 +: 2] : products == 2'd1 ? weight[W1 +: 2]
             : products == 2'd2 || !Full ? weight[W2 +: 2] : weight[A3 +: 2];
    assign a_top = (Full && products == 2'd3) || (ADigit == 1 && (products == 2'd2 || Group % 2 == 1));
    assign w_top = (Full && products == 2'd3) || (WDigit == 1 && (products != 2'd0 || Group / 2 == 1));

    // |product| <= 9: its sixth bit repeats the sign.
    logic [5:0] product;
    signed_product #(.ABits(3), .BBits(3)) u_brick (
      .a_i({act_signed & a_top & a[1], a}), .b_i({weight_signed_i & w_top & w[1], w}),
      .product_o(product)
    );
    logic [Width-1:0] row;
    logic             unused_sign;
    assign unused_sign = product[5];
    assign row = {{(Width - 5){1'b0}}, ~product[4], product[3:0]};
    assign rows[b*Width +: Width] =
        products == 2'd0 ? row << (Place + 4 * (Group % 2 + Group / 2))
      : products == 2'd1 ? row << (Place + 4 * (Group % 2))
      : products == 2'd2 || !Full ? row << Place : row;
  end

  // 2^4 times the sum of the bricks' places: 85 = 1 + 4 + 16 + 64, 5 = 1 + 4.
  assign rows[Bricks*Width +: Width] = products == 2'd0 ? Width'(-(16 * 85 * 85))
                                     : products == 2'd1 ? Width'(-(16 * 2 * 85 * 5))
                                     : products == 2'd2 ? Width'(-(16 * 4 * 5 * 5))
                                                      : Width'(-(16 * 16));
  logic [SumBits-1:0] addend;
  assign rows[(Bricks+1)*Width +: Width] = {addend[SumBits-1], addend};

  logic [Width-1:0] partial, carry, sum;
  carry_save_tree #(.Rows(Rows), .Width(Width), .Masks(Masks)) u_tree (
    .rows_i(rows), .sum_o(partial), .carry_o(carry)
  );
  assign sum = partial + carry;

  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum[SumBits-1:0]), .chain_i(sum_i), .chain_o(sum_o)
  );
  assign overflow_o = sum[SumBits] ^ sum[SumBits-1];

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, (ActBits == 16 || ActBits == 32) && WgtBits == ActBits &&
                      SumBits >= 18)
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
  `MIXPE_ASSERT(TwoBitProductsNeedWidePorts, Full || products != 2'd3)
endmodule
