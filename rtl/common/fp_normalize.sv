`include "mixpe_assert.svh"

// The first half of fp_encode: shifts a magnitude's highest bit to the top; 0 stays 0.
//  * exponent_i: biased, of the lowest bit of magnitude_i; exponent_o: of the highest of normal_o.
module fp_normalize #(
  parameter int MagBits = 24,
  parameter int Width = 26  // MagBits or more
) (
  input  logic [MagBits-1:0]                   magnitude_i,
  input  logic signed [mixpe_pkg::ExpBits-1:0] exponent_i,
  output logic [Width-1:0]                     normal_o,
  output logic signed [mixpe_pkg::ExpBits-1:0] exponent_o
);
  localparam int CountBits = $clog2(Width);
  localparam int WideExp = mixpe_pkg::ExpBits;
  localparam logic signed [WideExp-1:0] TopPlace = WideExp'(Width - 1);
  logic [Width-1:0]     wide;
  logic [CountBits-1:0] count;
  assign wide = {{(Width - MagBits){1'b0}}, magnitude_i};
  leading_zeros #(.Width(Width), .CountBits(CountBits)) u_count (
    .value_i(wide), .data_i(wide), .count_o(count), .shifted_o(normal_o)
  );
  assign exponent_o = exponent_i + TopPlace - $signed({{(WideExp - CountBits){1'b0}}, count});
  `MIXPE_ASSERT_PARAM(WideEnough, Width >= MagBits)
endmodule
