`include "mixpe_assert.svh"

// Delays a row's or column's operands and tags on their way into the array. Cycles = 0 is a wire.
// Tags are reset, data are not.
module skew_register #(
  parameter int Cycles = 1,
  parameter int DataBits = 8,
  parameter int TagBits = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [DataBits-1:0] data_i,
  input  logic [TagBits-1:0]  tags_i,
  output logic [DataBits-1:0] data_o,
  output logic [TagBits-1:0]  tags_o
);
  if (Cycles == 0) begin : gen_wire
    assign data_o = data_i;
    assign tags_o = tags_i;
    logic unused;
    assign unused = clk_i ^ rst_ni;
  end else begin : gen_registers
    // The newest at the bottom.
    logic [(Cycles+1)*DataBits-1:0] data;
    logic [(Cycles+1)*TagBits-1:0]  tags;
    logic [Cycles*DataBits-1:0]     data_q;
    logic [Cycles*TagBits-1:0]      tags_q;
    assign data = {data_q, data_i};
    assign tags = {tags_q, tags_i};
    always_ff @(posedge clk_i) data_q <= data[Cycles*DataBits-1:0];
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) tags_q <= '0;
      else tags_q <= tags[Cycles*TagBits-1:0];
    end
    assign data_o = data[Cycles*DataBits +: DataBits];
    assign tags_o = tags[Cycles*TagBits +: TagBits];
  end
  `MIXPE_ASSERT_PARAM(CyclesAreNotNegative, Cycles >= 0)
endmodule
