`include "mixpe_assert.svh"

// sum_o = addend_i + the sum over lanes of x * weight (modulo 2^SumBits), without multipliers: the
// partial rows of all lanes (common/shift_add) and the addend meet in one carry-save tree and one
// adder.
//  * Lane l: x_i[l*XBits +: XBits], two's complement; weight_i[4*l +: 4], as signed_i says.
//  * SumBits >= XBits + 4.
module dot_shift_add #(
  parameter int Lanes = 4,
  parameter int XBits = 8,
  parameter int SumBits = 20
) (
  input  logic [Lanes*XBits-1:0] x_i,
  input  logic [4*Lanes-1:0]     weight_i,
  input  logic                   signed_i,
  input  logic [SumBits-1:0]     addend_i,
  output logic [SumBits-1:0]     sum_o
);
  // A lane has four rows of partial products and one bit that completes a subtraction; one constant
  // takes back what the inverted sign bits of all lanes add too much.
  localparam int Rows = 5 * Lanes + 2;
  localparam logic [SumBits-1:0] One = 1;
  localparam logic [SumBits-1:0] RowMask = (One << XBits) - One;
  localparam logic [SumBits-1:0] Constant =
      SumBits'(-(Lanes * ((1 << (XBits + 3)) - (1 << (XBits - 1)))));

  function automatic logic [Rows*SumBits-1:0] masks();
    integer l;
    integer b;
    begin
      masks = '0;
      for (l = 0; l < Lanes; l = l + 1) begin
        for (b = 0; b < 4; b = b + 1) masks[(5*l+b)*SumBits +: SumBits] = RowMask << b;
        masks[(5*l+4)*SumBits +: SumBits] = One << 3;
      end
      masks[5*Lanes*SumBits +: SumBits] = Constant;
      masks[(5*Lanes+1)*SumBits +: SumBits] = {SumBits{1'b1}};
    end
  endfunction

  localparam logic [Rows*SumBits-1:0] Masks = masks();

  logic [Rows*SumBits-1:0] rows;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [XBits-1:0] x;
    logic [3:0]       weight;
    assign x = x_i[l*XBits +: XBits];
    assign weight = weight_i[4*l +: 4];
    for (genvar b = 0; b < 4; b++) begin : gen_row
      logic [XBits-1:0] bits;
      assign bits = (b == 3 ? x ^ {XBits{signed_i}} : x) & {XBits{weight[b]}};
      assign rows[(5*l+b)*SumBits +: SumBits] =
          {{(SumBits - XBits){1'b0}}, ~bits[XBits-1], bits[XBits-2:0]} << b;
    end
    assign rows[(5*l+4)*SumBits +: SumBits] = {{(SumBits - 1){1'b0}}, signed_i & weight[3]} << 3;
  end
  assign rows[5*Lanes*SumBits +: SumBits] = Constant;
  assign rows[(5*Lanes+1)*SumBits +: SumBits] = addend_i;

  logic [SumBits-1:0] sum, carry;
  carry_save_tree #(.Rows(Rows), .Width(SumBits), .Masks(Masks)) u_tree (
    .rows_i(rows), .sum_o(sum), .carry_o(carry)
  );
  assign sum_o = sum + carry;
  `MIXPE_ASSERT_PARAM(SumHoldsALane, SumBits >= XBits + 4)
endmodule
