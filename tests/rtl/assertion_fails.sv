`include "mixpe_assert.svh"

// Assertions that are false whenever wrong_i or wrong_now_i is set: the flow must notice
// (assertion_test.cpp).
module assertion_fails (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic wrong_i,
  input  logic wrong_now_i,
  output logic seen_o
);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) seen_o <= 1'b0;
    else seen_o <= wrong_i;
  end
  `MIXPE_ASSERT(NeverWrong, !wrong_i)
  `MIXPE_ASSERT_COMB(NotWrongNow, !wrong_now_i)
endmodule
