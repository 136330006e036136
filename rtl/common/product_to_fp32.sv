// An exact product of small significands as FP32: no rounding, never subnormal (FP16 products are
// multiples of 2^-48).
//  * The value is magnitude * 2^(exponent + Offset - 127), 127 being FP32's bias.
module product_to_fp32 #(
  parameter int MagBits = 22,  // 24 at most
  parameter int Offset = 79
) (
  input  logic               negative_i,
  input  logic [MagBits-1:0] magnitude_i,
  input  logic [7:0]         exponent_i,
  input  logic               inf_i,
  input  logic               inf_negative_i,
  input  logic               nan_i,
  output logic [31:0]        product_o
);
  localparam int WideExp = mixpe_pkg::ExpBits;
  logic signed [WideExp-1:0] exponent;
  logic [31:0]               finite;
  assign exponent = $signed({{(WideExp - 8){1'b0}}, exponent_i}) + WideExp'(Offset);
  fp_encode #(.MagBits(MagBits), .ExpBits(8), .FracBits(23), .Subnormals(1'b0)) u_encode (
    .clk_i(1'b0), .negative_i(negative_i), .magnitude_i(magnitude_i), .exponent_i(exponent), .code_o(finite)
  );
  assign product_o = nan_i ? mixpe_pkg::Fp32Nan
      : inf_i ? {inf_negative_i, mixpe_pkg::Fp32Inf} : finite;
endmodule
