`include "mixpe_assert.svh"

// Finds the largest biased exponent among a segment's finite FP16 activations: 1 if there are none.
//  * exponent_o, registered, holds the maximum from first_i's activation to the latest one.
module exponent_scan (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic        first_i,
  input  logic [15:0] act_i,
  output logic [4:0]  exponent_o
);
  logic [4:0] exponent, candidate, base, largest_q;
  logic       inf, nan;
  fp_unpack #(.ExpBits(5), .FracBits(10)) u_unpack (
    .code_i(act_i), .negative_o(), .exponent_o(exponent), .significand_o(), .zero_o(),
    .inf_o(inf), .nan_o(nan)
  );
  assign candidate = (inf | nan) ? 5'd1 : exponent;
  assign base = first_i ? 5'd1 : largest_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) largest_q <= 5'd1;
    else if (valid_i) largest_q <= (candidate > base) ? candidate : base;
  end
  assign exponent_o = largest_q;
  `MIXPE_ASSERT(TheExponentIsOfAFiniteNumber, exponent_o != 5'd0 && exponent_o != 5'd31)
endmodule
