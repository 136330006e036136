// refused: Assertion failed: selection is not empty
module latch(input logic open_i, input logic d_i, output logic q_o);
  always @* if (open_i) q_o = d_i;
endmodule
