`include "mixpe_assert.svh"

// Adds up a row's activations over a segment at the array's edge, for zero-points (integer sums).
//  * act_i: Lanes activations, lane 0 lowest, each {flags, two's complement} with Flags, else the number
//    alone (Signed = 0: without a sign); 0 if not valid_i. They are added one after another.
//  * Output-stationary: sum_o, registered, is the sum from first_i's activation to the latest one.
//  * Weight-stationary: a link of a chain down the rows; sum_o, registered, is sum_i + act_i of the
//    latest activation.
//  * A sum wraps, and overflow_o tells so lane by lane in the activation's own cycle.
module row_sum_int #(
  parameter bit WeightStationary = 1'b0,
  parameter int Lanes = 1,
  parameter int ActBits = 8,   // without flags
  parameter bit Signed = 1'b1,
  parameter int SumBits = 15,  // without flags
  parameter bit Flags = 1'b0,
  parameter int FlagBits = Flags ? mixpe_pkg::FlagBits : 0
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                valid_i,
  input  logic                                first_i,
  input  logic [Lanes*(FlagBits+ActBits)-1:0] act_i,
  input  logic [FlagBits+SumBits-1:0]         sum_i,
  output logic [FlagBits+SumBits-1:0]         sum_o,
  output logic [Lanes-1:0]                    overflow_o
);
  localparam int Width = FlagBits + SumBits;
  logic [Width-1:0]           sum_q;
  logic [(Lanes+1)*Width-1:0] sums /* verilator split_var */;  // before each lane, and after the last
  if (WeightStationary) begin : gen_weight_stationary
    assign sums[Width-1:0] = sum_i;
    logic unused;
    assign unused = first_i;
  end else begin : gen_output_stationary
    assign sums[Width-1:0] = sum_q & {Width{~first_i}};
    logic unused;
    assign unused = ^sum_i;
  end
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [FlagBits+ActBits-1:0] act;
    logic [Width-1:0]            base, sum;
    logic                        act_negative;
    assign act = act_i[l*(FlagBits+ActBits) +: FlagBits+ActBits];
    assign base = sums[l*Width +: Width];
    assign act_negative = Signed & act[ActBits-1];
    assign sum[SumBits-1:0] =
        base[SumBits-1:0] + {{(SumBits - ActBits){act_negative}}, act[ActBits-1:0]};
    if (Flags) begin : gen_flags
      special_flags u_flags (
        .sum_i(base[SumBits +: 3]), .act_i(act[ActBits +: 3]), .weight_zero_i(1'b0),
        .weight_negative_i(1'b0), .sum_o(sum[SumBits +: 3])
      );
    end
    assign overflow_o[l] =
        valid_i & (base[SumBits-1] == act_negative) & (sum[SumBits-1] != act_negative);
    assign sums[(l+1)*Width +: Width] = sum;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sum_q <= '0;
    else if (valid_i) sum_q <= sums[Lanes*Width +: Width];
  end
  assign sum_o = sum_q;
  `MIXPE_ASSERT_PARAM(AnActivationFits, SumBits >= ActBits)
endmodule
