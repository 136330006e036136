// Adds up a row's activations over a segment at the array's edge, for zero-points (integer sums).
//  * act_i: {flags, two's complement} with Flags, else the number alone; 0 if not valid_i.
//  * Output-stationary: sum_o, registered, is the sum from first_i's activation to the latest one.
//  * Weight-stationary: a link of a chain down the rows; sum_o, registered, is sum_i + act_i of the
//    latest activation.
//  * A sum wraps, and overflow_o tells so in the activation's own cycle.
module row_sum_int #(
  parameter bit WeightStationary = 1'b0,
  parameter int ActBits = 8,   // without flags
  parameter int SumBits = 15,  // without flags
  parameter bit Flags = 1'b0,
  parameter int FlagBits = Flags ? mixpe_pkg::FlagBits : 0
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        valid_i,
  input  logic                        first_i,
  input  logic [FlagBits+ActBits-1:0] act_i,
  input  logic [FlagBits+SumBits-1:0] sum_i,
  output logic [FlagBits+SumBits-1:0] sum_o,
  output logic                        overflow_o
);
  logic [FlagBits+SumBits-1:0] sum_q, base, sum;
  logic                        act_negative;
  assign act_negative = act_i[ActBits-1];
  assign sum[SumBits-1:0] =
      base[SumBits-1:0] + {{(SumBits - ActBits){act_negative}}, act_i[ActBits-1:0]};
  if (Flags) begin : gen_flags
    special_flags u_flags (
      .sum_i(base[SumBits +: 3]), .act_i(act_i[ActBits +: 3]), .weight_zero_i(1'b0),
      .weight_negative_i(1'b0), .sum_o(sum[SumBits +: 3])
    );
  end
  if (WeightStationary) begin : gen_weight_stationary
    assign base = sum_i;
    logic unused;
    assign unused = first_i;
  end else begin : gen_output_stationary
    assign base = sum_q & {(FlagBits + SumBits){~first_i}};
    logic unused;
    assign unused = ^sum_i;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sum_q <= '0;
    else if (valid_i) sum_q <= sum;
  end
  assign sum_o = sum_q;
  assign overflow_o =
      valid_i & (base[SumBits-1] == act_negative) & (sum[SumBits-1] != act_negative);
endmodule
