`include "mixpe_assert.svh"

// Below one column of a weight-stationary array: adds up the K-tiles of a segment, in order of k, and
// hands the segment's sums to the lane.
//  * Control comes in the cycle in which docs/timing.md says that a sum arrives, and sum_i a cycle later,
//    when it is in its PE's register. Adding takes A cycles: AddLatency in FP32, else 1.
//  * arrive_i: a sum of output row_i. begin_i: the first of its segment. keep_i: it is written to the
//    memory, as it is not the last or has to wait for its lane.
//  * take_i: the lane's slot, for output lane_row_i. direct_i: for the sum that arrives, which then
//    does not touch the memory. sum_o shows it 1 + A cycles later.
module accumulator #(
  parameter int Rows = 16,
  parameter int SumBits = 20,  // with flags
  parameter bit Flags = 1'b0,
  parameter bit Fp32 = 1'b0,
  parameter int AddLatency = 1,
  parameter int RowBits = (Rows > 1) ? $clog2(Rows) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               arrive_i,
  input  logic               begin_i,
  input  logic               keep_i,
  input  logic [RowBits-1:0] row_i,
  input  logic [SumBits-1:0] sum_i,
  input  logic               take_i,
  input  logic               direct_i,
  input  logic [RowBits-1:0] lane_row_i,
  output logic [SumBits-1:0] sum_o,
  output logic               overflow_o,  // the add of the cycle before wrapped
  output logic               read_o,      // the memory, for the adder
  output logic               take_o,      // the memory, for the lane
  output logic               write_o
);
  localparam int Latency = Fp32 ? AddLatency : 1;

  // ---- Reads: for the adder at once; for the lane when the newest sum that waits is written.
  logic               take_read, add_read;
  logic [RowBits-1:0] take_row;
  skew_register #(.Cycles(Latency - 1), .DataBits(RowBits)) u_take (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(lane_row_i), .tags_i(take_i & ~direct_i),
    .data_o(take_row), .tags_o(take_read)
  );
  assign add_read = arrive_i & ~begin_i;

  logic               write;
  logic [RowBits-1:0] write_row;
  logic [SumBits-1:0] word, taken, base, result;
  skew_register #(.Cycles(Latency), .DataBits(RowBits)) u_keep (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(row_i), .tags_i(arrive_i & keep_i),
    .data_o(write_row), .tags_o(write)
  );
  accumulator_memory #(.Words(Rows), .Width(SumBits)) u_memory (
    .clk_i(clk_i), .rst_ni(rst_ni), .read_i(add_read), .read_addr_i(row_i), .data_o(word),
    .take_i(take_read), .take_addr_i(take_row), .taken_o(taken),
    .write_i(write), .write_addr_i(write_row), .data_i(result)
  );
  assign read_o = add_read;
  assign take_o = take_read;
  assign write_o = write;

  // ---- The PE's own adder.
  logic add_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) add_q <= 1'b0;
    else add_q <= add_read;
  end
  assign base = word & {SumBits{add_q}};
  if (Fp32) begin : gen_fp32
    fp32_add #(.Latency(AddLatency)) u_add (
      .clk_i(clk_i), .rst_ni(rst_ni), .a_i(base), .b_i(sum_i), .sum_o(result)
    );
    assign overflow_o = 1'b0;
  end else begin : gen_integer
    localparam int AccBits = SumBits - (Flags ? mixpe_pkg::FlagBits : 0);
    localparam int Top = AccBits - 1;
    assign result[Top:0] = base[Top:0] + sum_i[Top:0];
    if (Flags) begin : gen_flags
      // The flags of two sums join as those of a sum and a product do.
      special_flags u_flags (
        .sum_i(base[AccBits +: 3]), .act_i(sum_i[AccBits +: 3]), .weight_zero_i(1'b0),
        .weight_negative_i(1'b0), .sum_o(result[AccBits +: 3])
      );
    end
    assign overflow_o = add_q & (base[Top] == sum_i[Top]) & (result[Top] != sum_i[Top]);
  end

  // ---- To the lane.
  logic direct;
  skew_register #(.Cycles(Latency), .DataBits(1)) u_direct (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(1'b0), .tags_i(direct_i), .data_o(), .tags_o(direct)
  );
  always_ff @(posedge clk_i) sum_o <= direct ? result : taken;

  `MIXPE_ASSERT(DirectIsTheSumThatArrives, !direct_i || (arrive_i && take_i && !keep_i))
endmodule
