// RNE((-1)^negative * magnitude * 2^(exponent - bias)) as an IEEE 754 code: one rounding.
//  * exponent_i is biased: the magnitude's lowest bit weighs 2^(exponent_i - bias).
//  * Overflow gives infinity, underflow subnormals and zeros; a zero keeps its sign.
//  * Subnormals = 0 leaves out the second shifter where no result can be subnormal.
module fp_encode #(
  parameter int MagBits = 24,
  parameter int ExpBits = 8,
  parameter int FracBits = 23,
  parameter bit Subnormals = 1'b1
) (
  input  logic                                 negative_i,
  input  logic [MagBits-1:0]                   magnitude_i,
  input  logic signed [mixpe_pkg::ExpBits-1:0] exponent_i,
  output logic [ExpBits+FracBits:0]            code_o
);
  // Hidden bit, fraction, guard bit and at least one sticky bit.
  localparam int Width = (MagBits > FracBits + 3) ? MagBits : FracBits + 3;
  localparam int CountBits = $clog2(Width);
  localparam int WideExp = mixpe_pkg::ExpBits;
  localparam logic signed [WideExp-1:0] MaxField = WideExp'((1 << ExpBits) - 1);
  localparam logic signed [WideExp-1:0] TopPlace = WideExp'(Width - 1);
  localparam logic signed [WideExp-1:0] MaxShift = WideExp'(Width);
  localparam logic signed [WideExp-1:0] ExpOne = WideExp'(1);

  logic [Width-1:0]          wide, normal, value;
  logic [CountBits-1:0]      count;
  logic signed [WideExp-1:0] exponent;  // biased, of the highest set bit
  logic                      tiny, lost;
  assign wide = {{(Width - MagBits){1'b0}}, magnitude_i};
  leading_zeros #(.Width(Width), .CountBits(CountBits)) u_normalize (
    .value_i(wide), .count_o(count), .shifted_o(normal)
  );
  assign exponent = exponent_i + TopPlace - $signed({{(WideExp - CountBits){1'b0}}, count});

  if (Subnormals) begin : gen_subnormals
    logic signed [WideExp-1:0] shift;
    logic [Width-1:0]          kept;
    logic [Width-1:0]          ones;
    assign tiny = exponent < ExpOne;
    assign shift = !tiny ? '0 : (ExpOne - exponent > MaxShift) ? MaxShift : ExpOne - exponent;
    assign ones = {Width{1'b1}};
    assign kept = ones << shift;  // bits that survive the shift
    assign lost = |(normal & ~kept);
    assign value = normal >> shift;
  end else begin : gen_normal_only
    assign tiny = 1'b0;
    assign lost = 1'b0;
    assign value = normal;
  end

  // The carry of rounding runs from the fraction into the exponent, up to infinity.
  logic                        guard, sticky, up, zero, overflow;
  logic [ExpBits-1:0]          field;
  logic [ExpBits+FracBits-1:0] rounded;
  assign guard = value[Width-2-FracBits];
  assign sticky = lost | (|value[Width-3-FracBits:0]);
  assign up = guard & (sticky | value[Width-1-FracBits]);
  assign zero = ~normal[Width-1];
  assign overflow = exponent >= MaxField;
  assign field = tiny ? '0 : exponent[ExpBits-1:0];
  assign rounded = {field, value[Width-2 -: FracBits]} + {{(ExpBits + FracBits - 1){1'b0}}, up};
  assign code_o[ExpBits+FracBits] = negative_i;
  assign code_o[ExpBits+FracBits-1:0] =
      zero ? '0 : overflow ? {{ExpBits{1'b1}}, {FracBits{1'b0}}} : rounded;
endmodule
