// Assertions: active under Verilator (--assert); yosys and Icarus see nothing.
//  * MIXPE_ASSERT(name, property): holds at every rising edge of clk_i outside reset.
//  * MIXPE_ASSERT_PARAM(name, condition): a parameter is one this module was made for.
`ifndef MIXPE_ASSERT_SVH
`define MIXPE_ASSERT_SVH
`ifdef VERILATOR
`define MIXPE_ASSERT(NAME, PROPERTY) \
  NAME: assert property (@(posedge clk_i) disable iff (!rst_ni) (PROPERTY)) \
  else $error("assertion NAME failed in %m");
`define MIXPE_ASSERT_PARAM(NAME, CONDITION) \
  initial begin \
    NAME: assert (CONDITION) else $fatal(1, "parameter check NAME failed in %m"); \
  end
`else
`define MIXPE_ASSERT(NAME, PROPERTY) initial begin end
`define MIXPE_ASSERT_PARAM(NAME, CONDITION) initial begin end
`endif
`endif
