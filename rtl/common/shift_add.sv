`include "mixpe_assert.svh"

// sum_o = addend_i + x_i * weight_i (modulo 2^SumBits), without a multiplier: x_i, shifted, for each
// set bit of the 4-bit weight; the top bit of a signed weight subtracts.
//  * x_i is two's complement; weight_i as signed_i says. SumBits >= XBits + 4.
//  * Subtracting is adding ~x and one more in the shifted place.
//  * Each row's sign bit has the weight -2^n: it is inverted, which adds 2^n too much, and the
//    constant takes back -(2^0 + 2^1 + 2^2 + 2^3) * 2^(XBits-1).
module shift_add #(
  parameter int XBits = 8,
  parameter int SumBits = 20
) (
  input  logic [XBits-1:0]   x_i,
  input  logic [3:0]         weight_i,
  input  logic               signed_i,
  input  logic [SumBits-1:0] addend_i,
  output logic [SumBits-1:0] sum_o
);
`ifdef MIXPE_FAST_SIMULATION
  logic [SumBits-1:0] x_wide, weight_wide;
  assign x_wide = {{(SumBits - XBits){x_i[XBits-1]}}, x_i};
  assign weight_wide = {{(SumBits - 4){signed_i & weight_i[3]}}, weight_i};
  assign sum_o = addend_i + x_wide * weight_wide;
`else
  localparam int Rows = 6;
  localparam logic [SumBits-1:0] One = 1;
  localparam logic [SumBits-1:0] RowMask = (One << XBits) - One;
  localparam logic [SumBits-1:0] Constant = -((One << (XBits + 3)) - (One << (XBits - 1)));
  localparam logic [SumBits-1:0] OneMore = One << 3;  // a free place in the constant's row
  localparam logic [Rows*SumBits-1:0] Masks = {
    {SumBits{1'b1}}, Constant | OneMore, RowMask << 3, RowMask << 2, RowMask << 1, RowMask
  };

  logic [XBits-1:0] x_top;
  logic             subtract;
  logic [Rows*SumBits-1:0] rows;
  assign subtract = signed_i & weight_i[3];
  assign x_top = x_i ^ {XBits{signed_i}};
  for (genvar b = 0; b < 4; b++) begin : gen_row
    logic [XBits-1:0] bits;
    assign bits = (b == 3 ? x_top : x_i) & {XBits{weight_i[b]}};
    assign rows[b*SumBits +: SumBits] =
        {{(SumBits - XBits){1'b0}}, ~bits[XBits-1], bits[XBits-2:0]} << b;
  end
  assign rows[4*SumBits +: SumBits] = Constant | ({{(SumBits - 1){1'b0}}, subtract} << 3);
  assign rows[5*SumBits +: SumBits] = addend_i;

  logic [SumBits-1:0] sum, carry;
  carry_save_tree #(.Rows(Rows), .Width(SumBits), .Masks(Masks)) u_tree (
    .rows_i(rows), .sum_o(sum), .carry_o(carry)
  );
  assign sum_o = sum + carry;
`endif
  `MIXPE_ASSERT_PARAM(TheProductFits, SumBits >= XBits + 4)
endmodule
