`include "mixpe_assert.svh"

// sum_o = addend_i + a_i * b_i (modulo 2^SumBits): partial products and the addend reduced
// together, one carry-propagate adder at the end.
//  * Signed: both operands two's complement, partial products after Baugh and Wooley: those with
//    exactly one sign bit are inverted, and -2^(ABits+BBits-1) + 2^(ABits-1) + 2^(BBits-1) is added.
//  * Unsigned otherwise. SumBits >= ABits + BBits.
module multiply_add #(
  parameter int ABits = 8,
  parameter int BBits = 8,
  parameter int SumBits = 32,
  parameter bit Signed = 1'b1
) (
  input  logic [ABits-1:0]   a_i,
  input  logic [BBits-1:0]   b_i,
  input  logic [SumBits-1:0] addend_i,
  output logic [SumBits-1:0] sum_o
);
`ifdef MIXPE_FAST_SIMULATION
  logic [SumBits-1:0] a_wide, b_wide;
  assign a_wide = {{(SumBits - ABits){Signed & a_i[ABits-1]}}, a_i};
  assign b_wide = {{(SumBits - BBits){Signed & b_i[BBits-1]}}, b_i};
  assign sum_o = addend_i + a_wide * b_wide;
`else
  localparam logic [SumBits-1:0] One = 1;
  localparam logic [SumBits-1:0] Constant = Signed
      ? (One << (ABits - 1)) + (One << (BBits - 1)) - (One << (ABits + BBits - 1)) : '0;
  localparam logic [SumBits-1:0] RowMask = (One << ABits) - One;
  localparam int Rows = BBits + 2;

  // One row of partial products a bit of b_i, then the constant, then the addend.
  function automatic logic [Rows*SumBits-1:0] masks();
    integer i;
    begin
      masks = '0;
      for (i = 0; i < BBits; i = i + 1) masks[i*SumBits +: SumBits] = RowMask << i;
      masks[BBits*SumBits +: SumBits] = Constant;
      masks[(BBits+1)*SumBits +: SumBits] = {SumBits{1'b1}};
    end
  endfunction

  localparam logic [Rows*SumBits-1:0] Masks = masks();

  logic [Rows*SumBits-1:0] rows;
  for (genvar i = 0; i < BBits; i++) begin : gen_row
    logic [ABits-1:0] bits;
    for (genvar j = 0; j < ABits; j++) begin : gen_bit
      localparam bit Invert = Signed && ((i == BBits - 1) != (j == ABits - 1));
      assign bits[j] = (a_i[j] & b_i[i]) ^ Invert;
    end
    assign rows[i*SumBits +: SumBits] = {{(SumBits - ABits){1'b0}}, bits} << i;
  end
  assign rows[BBits*SumBits +: SumBits] = Constant;
  assign rows[(BBits+1)*SumBits +: SumBits] = addend_i;

  logic [SumBits-1:0] sum, carry;
  carry_save_tree #(.Rows(Rows), .Width(SumBits), .Masks(Masks)) u_tree (
    .rows_i(rows), .sum_o(sum), .carry_o(carry)
  );
  assign sum_o = sum + carry;
`endif
  `MIXPE_ASSERT_PARAM(TheProductFits, SumBits >= ABits + BBits)
endmodule
