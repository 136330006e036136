// refused: found logic loop
module loop(input logic a_i, output logic x_o);
  logic y;
  assign x_o = a_i ^ y;
  assign y = ~x_o;
endmodule
