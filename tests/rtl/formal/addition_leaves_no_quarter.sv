// FP32 magnitudes, aligned, with three more bits: what is left of their sum is never below half a place of the
// operands, so bits 1 and 0 are never its highest. (Wrong: nor is bit 2.)
module addition_leaves_no_quarter #(
  parameter bit Wrong = 1'b0
) (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  input  logic [39:0] added,  // the adder's, connected by the proof
  output logic [31:0] sum_o,
  output logic        holds_o
);
  fp32_add #(.Latency(1)) u_dut (
    .clk_i(1'b0), .rst_ni(1'b1), .a_i(a_i), .b_i(b_i), .sum_o(sum_o)
  );
  logic [27:0] sum;
  assign sum = added[27:0];
  assign holds_o = |sum[27:2] & (~Wrong | |sum[27:3]) | ~|sum;
endmodule
