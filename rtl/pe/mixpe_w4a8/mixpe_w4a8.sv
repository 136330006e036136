`include "mixpe_assert.svh"

// INT2-INT4 weights x INT8 by shift-and-add, integer group sum (models/pe/mixpe_w4a8). Ports:
// rtl/README.md.
//  * Weights reach the PE as a nibble: the edge extends those of 2 and 3 bits, with their sign if
//    weight_signed_i.
//  * Wide = 1 also takes 8-bit weights (weight_wide_i), as two nibbles in two cycles, the low one
//    first and always unsigned; the product of the high one is shifted by 4.
//    Output-stationary: bit 4 of wgt_i marks the high nibble. Weight-stationary: wgt_i is the whole
//    weight, and last_i marks a step's second cycle.
module mixpe_w4a8 #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter bit Wide = 1'b0,
  parameter int ActBits = 8,
  parameter int WgtBits = !Wide ? 4 : WeightStationary ? 8 : 5,
  parameter int SumBits = Wide ? 23 : 20
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
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits), .Hop(1), .Wide(Wide)
  ) u_links (.*, .weight_o(weight));

  logic [SumBits-1:0] addend, sum;
  logic               high;  // this cycle adds a high nibble
  logic               product_negative, base_negative, complete;

  if (Wide) begin : gen_wide
    logic [3:0]         nibble;
    logic               nibble_signed;
    logic [SumBits-1:0] product;
    logic [11:0]        narrow;
    if (WeightStationary) begin : gen_resident
      assign high = weight_wide_i & last_o;
      assign nibble = high ? weight[7:4] : weight[3:0];
      assign product_negative = act_o[7] ^ (weight_signed_i & (weight_wide_i ? weight[7] : weight[3]));
    end else begin : gen_streamed
      assign high = weight_wide_i & weight[4] & valid_o;
      assign nibble = weight[3:0];
      assign product_negative = act_o[7] ^ (weight_signed_i & weight[3]);
    end
    assign nibble_signed = weight_signed_i & (high | ~weight_wide_i);
    shift_add #(.XBits(8), .SumBits(12)) u_product (
      .x_i(act_o), .weight_i(nibble), .signed_i(nibble_signed), .addend_i(12'b0), .sum_o(narrow)
    );
    assign product = high ? {{(SumBits - 16){narrow[11]}}, narrow, 4'b0}
                          : {{(SumBits - 12){narrow[11]}}, narrow};
    assign sum = addend + product;
    // An overflow is judged on the sum after both cycles, against the one before them.
    logic base_negative_q;
    always_ff @(posedge clk_i) base_negative_q <= addend[SumBits-1];
    assign base_negative = high ? base_negative_q : addend[SumBits-1];
    assign complete = high | ~weight_wide_i;
  end else begin : gen_nibble
    assign high = 1'b0;
    shift_add #(.XBits(8), .SumBits(SumBits)) u_mac (
      .x_i(act_o), .weight_i(weight), .signed_i(weight_signed_i), .addend_i(addend), .sum_o(sum)
    );
    assign product_negative = act_o[7] ^ (weight_signed_i & weight[3]);
    assign base_negative = addend[SumBits-1];
    assign complete = 1'b1;
  end

  sum_register #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(high), .last_i(last_o),
    .shift_i(shift_o), .addend_o(addend), .sum_i(sum), .chain_i(sum_i), .chain_o(sum_o)
  );

  // Both summands of one sign, the sum of the other. A product of 0 changes no sign.
  assign overflow_o =
      complete & (base_negative == product_negative) & (sum[SumBits-1] != product_negative);

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == 8 && SumBits >= (Wide ? 17 : 12) &&
                      WgtBits == (!Wide ? 4 : WeightStationary ? 8 : 5))
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
endmodule
