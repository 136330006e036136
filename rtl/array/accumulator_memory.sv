`include "mixpe_assert.svh"

// A small SRAM of two read ports and a write port. Read data come a cycle after the address; what is
// written in the cycle of a read of the same word is what the read gives. Nothing is reset.
module accumulator_memory #(
  parameter int Words = 16,
  parameter int Width = 20,
  parameter int AddrBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                read_i,
  input  logic [AddrBits-1:0] read_addr_i,
  output logic [Width-1:0]    data_o,
  input  logic                take_i,
  input  logic [AddrBits-1:0] take_addr_i,
  output logic [Width-1:0]    taken_o,
  input  logic                write_i,
  input  logic [AddrBits-1:0] write_addr_i,
  input  logic [Width-1:0]    data_i
);
  logic [Width-1:0] words [Words];
  logic [Width-1:0] data_q, taken_q;
  always_ff @(posedge clk_i) begin
    if (write_i) words[write_addr_i] <= data_i;
    if (read_i) data_q <= (write_i && write_addr_i == read_addr_i) ? data_i : words[read_addr_i];
    if (take_i) taken_q <= (write_i && write_addr_i == take_addr_i) ? data_i : words[take_addr_i];
  end
  assign data_o = data_q;
  assign taken_o = taken_q;

  localparam logic [AddrBits:0] End = (AddrBits + 1)'(Words);
  `MIXPE_ASSERT(ReadsWordsThatExist, (!read_i || {1'b0, read_addr_i} < End) &&
                                     (!take_i || {1'b0, take_addr_i} < End))
  `MIXPE_ASSERT(WritesAWordThatExists, !write_i || {1'b0, write_addr_i} < End)
endmodule
