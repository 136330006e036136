`include "mixpe_assert.svh"

// The largest of a number of unsigned values: a tree.
module largest #(
  parameter int Count = 2,
  parameter int Width = 5
) (
  input  logic [Count*Width-1:0] values_i,
  output logic [Width-1:0]       largest_o
);
  if (Count == 1) begin : gen_one
    assign largest_o = values_i;
  end else begin : gen_halves
    localparam int Low = Count / 2;
    logic [Width-1:0] low, high;
    largest #(.Count(Low), .Width(Width)) u_low (
      .values_i(values_i[Low*Width-1:0]), .largest_o(low)
    );
    largest #(.Count(Count - Low), .Width(Width)) u_high (
      .values_i(values_i[Count*Width-1:Low*Width]), .largest_o(high)
    );
    assign largest_o = (low > high) ? low : high;
  end
  `MIXPE_ASSERT_PARAM(OneAtLeast, Count >= 1)
endmodule
