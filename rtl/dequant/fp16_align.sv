`include "mixpe_assert.svh"

// Aligns an FP16 activation to its segment's largest exponent E: 16-bit two's complement in units of
// 2^(E - 29), rounded to nearest even on the magnitude; {NaN, -Inf, +Inf} flags above, beside a 0.
// Combinational; one per row at the array's edge.
module fp16_align (
  input  logic [15:0] act_i,
  input  logic [4:0]  largest_i,  // not below act_i's exponent, unless that is no finite number
  output logic [18:0] aligned_o
);
  localparam int Width = 11 + mixpe_pkg::AlignGuardBits;  // 15
  logic        negative, inf, nan;
  logic [4:0]  exponent, distance;
  logic [10:0] significand;
  fp_unpack #(.ExpBits(5), .FracBits(10)) u_unpack (
    .code_i(act_i), .negative_o(negative), .exponent_o(exponent), .significand_o(significand),
    .zero_o(), .inf_o(inf), .nan_o(nan)
  );

  // Two more bits below: guard, and the sticky rest.
  logic [Width+1:0] wide, kept, shifted;
  logic             lost, up;
  logic [Width-1:0] magnitude;
  logic [15:0]      value;
  assign distance = largest_i - exponent;
  assign wide = {significand, 6'b0};
  assign kept = {(Width + 2){1'b1}} << distance;
  assign lost = |(wide & ~kept);
  assign shifted = wide >> distance;
  assign up = shifted[1] & (shifted[0] | lost | shifted[2]);
  assign magnitude = shifted[Width+1:2] + {{(Width - 1){1'b0}}, up};
  assign value = negative ? -{1'b0, magnitude} : {1'b0, magnitude};
  assign aligned_o = (inf | nan) ? {nan, inf & negative, inf & ~negative, 16'b0} : {3'b000, value};
  `MIXPE_ASSERT_COMB(NoNumberBesideAFlag, aligned_o[18:16] == 3'b000 || aligned_o[15:0] == 16'd0)
endmodule
