// refused: used but has no driver
module no_driver(input logic a_i, output logic x_o);
  logic y;
  assign x_o = a_i & y;
endmodule
