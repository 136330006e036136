`include "mixpe_assert.svh"

// A delay of Hop cycles, or Hop + More if more_i (static): what travels with steps of one or two cycles.
module hop_register #(
  parameter int Hop = 1,
  parameter bit Wide = 1'b0,  // more_i may be set
  parameter int More = 1,
  parameter int DataBits = 8,
  parameter int TagBits = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                more_i,
  input  logic [DataBits-1:0] data_i,
  input  logic [TagBits-1:0]  tags_i,
  output logic [DataBits-1:0] data_o,
  output logic [TagBits-1:0]  tags_o
);
  logic [DataBits-1:0] data, data_more;
  logic [TagBits-1:0]  tags, tags_more;
  skew_register #(.Cycles(Hop), .DataBits(DataBits), .TagBits(TagBits)) u_hop (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(data_i), .tags_i(tags_i), .data_o(data), .tags_o(tags)
  );
  skew_register #(
    .Cycles(Wide ? More : 0), .DataBits(DataBits), .TagBits(TagBits)
  ) u_more (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(data), .tags_i(tags), .data_o(data_more),
    .tags_o(tags_more)
  );
  assign data_o = more_i ? data_more : data;
  assign tags_o = more_i ? tags_more : tags;
  `MIXPE_ASSERT_PARAM(CyclesAreNotNegative, Hop >= 0 && More >= 0)
endmodule
