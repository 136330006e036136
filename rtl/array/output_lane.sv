`include "mixpe_assert.svh"

// One lane's turn: of the columns it serves, the one whose slot it is.
module output_lane #(
  parameter int Columns = 2,
  parameter int Width = 20
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic [Columns-1:0]       slot_i,
  input  logic [Columns*Width-1:0] values_i,
  output logic                     valid_o,
  output logic [Width-1:0]         value_o
);
  logic [Columns*Width-1:0] taken;
  for (genvar c = 0; c < Columns; c++) begin : gen_column
    assign taken[c*Width +: Width] = values_i[c*Width +: Width] & {Width{slot_i[c]}};
  end
  or_rows #(.Rows(Columns), .Width(Width)) u_value (.rows_i(taken), .or_o(value_o));
  assign valid_o = |slot_i;

  `MIXPE_ASSERT(OneValueACycle, (slot_i & (slot_i - 1'b1)) == '0)
endmodule
