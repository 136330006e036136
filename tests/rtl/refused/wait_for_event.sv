// refused: Can't resolve task name
module wait_for_event(input logic a_i, output logic x_o);
  initial begin
    wait (a_i);
    x_o = 1'b1;
  end
endmodule
