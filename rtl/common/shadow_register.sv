`include "mixpe_assert.svh"

// Holds a finished sum while the next segment is summed, and passes it down its column.
//  * capture_i stores the sum of this PE, shift_i that of the row above; never both at once.
module shadow_register #(
  parameter int SumBits = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               capture_i,
  input  logic               shift_i,
  input  logic [SumBits-1:0] sum_i,
  input  logic [SumBits-1:0] above_i,
  output logic [SumBits-1:0] shadow_o
);
  logic [SumBits-1:0] shadow_q;
  always_ff @(posedge clk_i) begin
    if (capture_i | shift_i) shadow_q <= capture_i ? sum_i : above_i;
  end
  assign shadow_o = shadow_q;

  `MIXPE_ASSERT(NeverCapturesOverADrain, !(capture_i && shift_i))
endmodule
