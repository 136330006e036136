`include "mixpe_assert.svh"

// The second half of fp_encode: a normalised magnitude (highest bit set, or 0), rounded once.
//  * exponent_i is that of the highest bit, biased.
//  * Overflow gives infinity, underflow subnormals and zeros; a zero keeps its sign.
//  * Subnormals = 0 leaves out the shifter where no result can be subnormal.
module fp_round #(
  parameter int Width = 26,  // FracBits + 3 or more
  parameter int ExpBits = 8,
  parameter int FracBits = 23,
  parameter bit Subnormals = 1'b1
) (
  input  logic                                 negative_i,
  input  logic [Width-1:0]                     normal_i,
  input  logic signed [mixpe_pkg::ExpBits-1:0] exponent_i,
  output logic [ExpBits+FracBits:0]            code_o
);
  localparam int WideExp = mixpe_pkg::ExpBits;
  localparam logic signed [WideExp-1:0] MaxField = WideExp'((1 << ExpBits) - 1);
  localparam logic signed [WideExp-1:0] MaxShift = WideExp'(Width);
  localparam logic signed [WideExp-1:0] ExpOne = WideExp'(1);

  logic [Width-1:0] value;
  logic             tiny, lost;
  if (Subnormals) begin : gen_subnormals
    logic signed [WideExp-1:0] shift;
    logic [Width-1:0]          kept;
    logic [Width-1:0]          ones;
    assign tiny = exponent_i < ExpOne;
    assign shift = !tiny ? '0 : (ExpOne - exponent_i > MaxShift) ? MaxShift : ExpOne - exponent_i;
    assign ones = {Width{1'b1}};
    assign kept = ones << shift;  // bits that survive the shift
    assign lost = |(normal_i & ~kept);
    assign value = normal_i >> shift;
  end else begin : gen_normal_only
    assign tiny = 1'b0;
    assign lost = 1'b0;
    assign value = normal_i;
  end

  // The carry of rounding runs from the fraction into the exponent, up to infinity. `up` is late: both
  // results are made, and one chosen.
  logic                        guard, sticky, up, zero, overflow;
  logic [ExpBits-1:0]          field;
  logic [ExpBits+FracBits-1:0] down, rounded;
  assign guard = value[Width-2-FracBits];
  assign sticky = lost | (|value[Width-3-FracBits:0]);
  assign up = guard & (sticky | value[Width-1-FracBits]);
  assign zero = ~normal_i[Width-1];
  assign overflow = exponent_i >= MaxField;
  assign field = tiny ? '0 : exponent_i[ExpBits-1:0];
  assign down = {field, value[Width-2 -: FracBits]};
  assign rounded = up ? down + 1'b1 : down;
  assign code_o[ExpBits+FracBits] = negative_i;
  assign code_o[ExpBits+FracBits-1:0] =
      zero ? '0 : overflow ? {{ExpBits{1'b1}}, {FracBits{1'b0}}} : rounded;
  `MIXPE_ASSERT_PARAM(HasAStickyBit, Width >= FracBits + 3)
endmodule
