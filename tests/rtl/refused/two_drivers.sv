// refused: multiple conflicting drivers
module two_drivers(input logic clk_i, input logic a_i, input logic b_i, output logic q_o);
  always_ff @(posedge clk_i) q_o <= a_i;
  always_ff @(posedge clk_i) q_o <= b_i;
endmodule
