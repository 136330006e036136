`include "mixpe_assert.svh"

// Data, a number of cycles later; 0 is a wire. Nothing is reset.
module delay #(
  parameter int Cycles = 1,
  parameter int Width = 8
) (
  input  logic             clk_i,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o
);
  if (Cycles == 0) begin : gen_wire
    assign data_o = data_i;
    logic unused;
    assign unused = clk_i;
  end else if (Cycles == 1) begin : gen_register
    logic [Width-1:0] data_q;
    always_ff @(posedge clk_i) data_q <= data_i;
    assign data_o = data_q;
  end else begin : gen_registers
    logic [Cycles*Width-1:0] data_q;  // the newest at the bottom
    always_ff @(posedge clk_i) data_q <= {data_q[(Cycles-1)*Width-1:0], data_i};
    assign data_o = data_q[(Cycles-1)*Width +: Width];
  end
  `MIXPE_ASSERT_PARAM(CyclesAreNotNegative, Cycles >= 0)
endmodule
