`include "mixpe_assert.svh"

// The end of every dequantisation lane: y + RNE32(x * scale), two roundings.
//  * x and scale in cycle k, y in cycle k + ScaleLatency: the sum is at y_o in cycle k + ScaleLatency +
//    AddLatency.
module dequant_accumulate #(
  parameter int ScaleExpBits = 5,
  parameter int ScaleFracBits = 10,
  parameter int ScaleLatency = 1,
  parameter int AddLatency = 2
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic [31:0]                         x_i,
  input  logic [ScaleExpBits+ScaleFracBits:0] scale_i,
  input  logic [31:0]                         y_i,
  output logic [31:0]                         y_o
);
  logic [31:0] product, product_q, sum, sum_q;
  fp32_scale #(
    .ExpBits(ScaleExpBits), .FracBits(ScaleFracBits), .Latency(ScaleLatency)
  ) u_scale (
    .clk_i(clk_i), .a_i(x_i), .b_i(scale_i), .product_o(product)
  );
  fp32_add #(.Latency(AddLatency)) u_add (
    .clk_i(clk_i), .rst_ni(rst_ni), .a_i(y_i), .b_i(product_q), .sum_o(sum)
  );
  always_ff @(posedge clk_i) begin
    product_q <= product;
    sum_q <= sum;
  end
  assign y_o = sum_q;
  `MIXPE_ASSERT_PARAM(StagesExist, ScaleLatency >= 1 && AddLatency >= 1)
endmodule
