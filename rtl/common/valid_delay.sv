`include "mixpe_assert.svh"

// Delays a valid bit by a number of cycles.
module valid_delay #(
  parameter int Cycles = 3  // 2 at least
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic valid_i,
  output logic valid_o
);
  logic [Cycles-1:0] valid_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Cycles-2:0], valid_i};
  end
  assign valid_o = valid_q[Cycles-1];
  `MIXPE_ASSERT_PARAM(TwoCyclesAtLeast, Cycles >= 2)
endmodule
