// refused: is not part of the design
module no_such_module(input logic a_i, output logic x_o);
  nowhere u_nowhere (.a_i, .x_o);
endmodule
