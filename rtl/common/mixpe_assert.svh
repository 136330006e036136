// Assertions: active under Verilator (--assert); yosys and Icarus see nothing.
//  * MIXPE_ASSERT(name, property): holds at every rising edge of clk_i outside reset.
//  * MIXPE_ASSERT_COMB(name, property): of combinational signals, whenever they have changed.
//  * MIXPE_ASSERT_PARAM(name, condition): a parameter is one this module was made for.
//  * MIXPE_FAST_SIMULATION, for whole arrays: the same checks without the instance's name, so
//    that Verilator makes one function for all PEs, and without the combinational ones; sums of products as
//    expressions, without adder cells.
`ifndef MIXPE_ASSERT_SVH
`define MIXPE_ASSERT_SVH
`ifdef VERILATOR
`ifdef MIXPE_FAST_SIMULATION
`define MIXPE_ASSERT(NAME, PROPERTY) \
  always @(posedge clk_i) if (rst_ni && !(PROPERTY)) begin \
    $write("assertion NAME failed\n"); \
    $stop; \
  end
`define MIXPE_ASSERT_COMB(NAME, PROPERTY) initial begin end
`else
`define MIXPE_ASSERT(NAME, PROPERTY) \
  NAME: assert property (@(posedge clk_i) disable iff (!rst_ni) (PROPERTY)) \
  else $error("assertion NAME failed in %m");
`define MIXPE_ASSERT_COMB(NAME, PROPERTY) \
  always_comb NAME: assert (PROPERTY) else $error("assertion NAME failed in %m");
`endif
`define MIXPE_ASSERT_PARAM(NAME, CONDITION) \
  initial begin \
    NAME: assert (CONDITION) else $fatal(1, "parameter check NAME failed in %m"); \
  end
`else
`define MIXPE_ASSERT(NAME, PROPERTY) initial begin end
`define MIXPE_ASSERT_COMB(NAME, PROPERTY) initial begin end
`define MIXPE_ASSERT_PARAM(NAME, CONDITION) initial begin end
`endif
`endif
