// Adds up a row's FP16 activations over a segment in FP32, for zero-points: in order of k, one sum, one
// rounding an add (docs/numerics.md).
//  * Each add needs the one before, so the adder takes its cycle whole: it is the slowest path of
//    the edge.
//  * sum_o, registered, is the sum from first_i's activation to the latest one.
module row_sum_fp32 (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic        first_i,
  input  logic [15:0] act_i,
  output logic [31:0] sum_o
);
  logic [31:0] act, sum, sum_q;
  fp16_multiply u_widen (.a_i(act_i), .b_i(16'h3c00), .product_o(act));  // times 1: exact
  fp32_add #(.Latency(1)) u_add (
    .clk_i(clk_i), .rst_ni(rst_ni), .a_i(sum_q & {32{~first_i}}), .b_i(act), .sum_o(sum)
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sum_q <= '0;
    else if (valid_i) sum_q <= sum;
  end
  assign sum_o = sum_q;
endmodule
