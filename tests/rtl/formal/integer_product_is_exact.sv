// FP32 * integer loses no bit where it is subnormal: both are multiples of the least subnormal. (Wrong: no
// product is subnormal.)
module integer_product_is_exact #(
  parameter bit Wrong = 1'b0
) (
  input  logic [31:0] a_i,
  input  logic [4:0]  b_i,
  input  logic        lost,  // of the rounding, connected by the proof, as is `tiny`
  input  logic        tiny,
  output logic [31:0] product_o,
  output logic        holds_o
);
  fp32_times_int #(.Bits(5), .Latency(1)) u_dut (
    .clk_i(1'b0), .a_i(a_i), .b_i(b_i), .product_o(product_o)
  );
  assign holds_o = Wrong ? ~tiny : ~lost;
endmodule
