`include "mixpe_assert.svh"

// Row sums that wait until the first column's lane reads them. What is pushed can be popped in the
// same cycle.
module row_sum_fifo #(
  parameter int Depth = 2,
  parameter int Width = 15
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  input  logic             pop_i,
  output logic [Width-1:0] data_o  // the oldest
);
  // Word n is filled if held_q[n]; the oldest is word 0.
  logic [Depth-1:0]       held_q, kept, free;
  logic [Depth*Width-1:0] data_q, moved;
  assign data_o = held_q[0] ? data_q[Width-1:0] : data_i;
  assign kept = pop_i ? held_q >> 1 : held_q;
  assign moved = pop_i ? data_q >> Width : data_q;
  // The first word not filled; none if what is pushed leaves at once.
  assign free = ~kept & {kept[Depth-2:0], 1'b1} & {Depth{push_i & ~(pop_i & ~held_q[0])}};
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) held_q <= '0;
    else held_q <= kept | free;
  end
  for (genvar n = 0; n < Depth; n++) begin : gen_word
    always_ff @(posedge clk_i) begin
      data_q[n*Width +: Width] <= free[n] ? data_i : moved[n*Width +: Width];
    end
  end

  `MIXPE_ASSERT(NeverOverflows, !push_i || !(&kept))
  `MIXPE_ASSERT(NeverPopsNothing, !pop_i || push_i || held_q[0])
  `MIXPE_ASSERT_PARAM(DepthIsAtLeastTwo, Depth >= 2)
endmodule
