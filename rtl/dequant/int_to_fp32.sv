`include "mixpe_assert.svh"

// RNE32(value * 2^exponent), one rounding; 0 gives +0. |exponent| stays so small that no result is
// subnormal (at least 2^-126) or infinite. Latency 1: combinational; 2: a register before rounding; 3: one
// more before normalising.
module int_to_fp32 #(
  parameter int Bits = 21,
  parameter int Latency = 1
) (
  input  logic              clk_i,
  input  logic [Bits-1:0]   value_i,     // two's complement
  input  logic signed [7:0] exponent_i,
  output logic [31:0]       code_o
);
  localparam int WideExp = mixpe_pkg::ExpBits;
  localparam logic signed [WideExp-1:0] Bias = 127;
  logic [Bits-1:0]           magnitude;
  logic                      negative;
  logic signed [WideExp-1:0] exponent;
  assign negative = value_i[Bits-1];
  assign magnitude = negative ? -value_i : value_i;  // -2^(Bits-1) as well: unsigned
  assign exponent = $signed({{(WideExp - 8){exponent_i[7]}}, exponent_i}) + Bias;
  fp_encode #(.MagBits(Bits), .ExpBits(8), .FracBits(23), .Subnormals(1'b0), .Registers(Latency - 1)) u_encode (
    .clk_i(clk_i), .negative_i(negative), .magnitude_i(magnitude), .exponent_i(exponent), .code_o(code_o)
  );
  `MIXPE_ASSERT_PARAM(StagesExist, Latency >= 1 && Latency <= 3)
endmodule
