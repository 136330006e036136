`include "mixpe_assert.svh"

// Bitwise or of a number of rows: a multiplexer whose rows but one are zero.
module or_rows #(
  parameter int Rows = 2,
  parameter int Width = 32
) (
  input  logic [Rows*Width-1:0] rows_i,
  output logic [Width-1:0]      or_o
);
  for (genvar i = 0; i < Width; i++) begin : gen_bit
    logic [Rows-1:0] column;
    for (genvar r = 0; r < Rows; r++) begin : gen_row
      assign column[r] = rows_i[r*Width+i];
    end
    assign or_o[i] = |column;
  end
  `MIXPE_ASSERT_PARAM(OneRowAtLeast, Rows >= 1)
endmodule
