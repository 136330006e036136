// refused: Multiple edge sensitive events
module two_clocks(input logic clk_i, input logic clock_i, input logic d_i, output logic q_o);
  always_ff @(posedge clk_i or posedge clock_i) q_o <= d_i;
endmodule
