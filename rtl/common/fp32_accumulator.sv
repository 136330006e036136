`include "mixpe_assert.svh"

// The FP32 sums of a floating-point PE. Tags and product arrive together, a cycle after the operands.
//  * Output-stationary: product k of a segment joins sum k mod Interleave; `last` (the segment's last
//    issue cycle, with or without a step) starts the merge of sums 1, 2, … into sum 0, each
//    AddLatency cycles after the one before; the result goes to the shadow register
//    Interleave * AddLatency - 1 cycles after `last`. Steps of one sum are AddLatency cycles apart
//    or more, and nothing is issued during a merge.
//  * Shadow = 0, for arrays that do not overlap passes: sum 0 itself is the chain's register.
//  * Weight-stationary: chain_o = chain_i + product, AddLatency cycles later.
module fp32_accumulator #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int AddLatency = 2,
  parameter int Interleave = 2
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] product_i,
  input  logic        valid_i,
  input  logic        first_i,
  input  logic        last_i,
  input  logic        shift_i,
  input  logic [31:0] chain_i,
  output logic [31:0] chain_o
);
  logic [31:0] a, b, result;
  fp32_add #(.Latency(AddLatency)) u_add (
    .clk_i(clk_i), .rst_ni(rst_ni), .a_i(a), .b_i(b), .sum_o(result)
  );

  if (WeightStationary) begin : gen_weight_stationary
    logic [31:0] sum_q;
    assign a = chain_i;
    assign b = product_i;
    always_ff @(posedge clk_i) sum_q <= result;
    assign chain_o = sum_q;
    logic unused;
    assign unused = ^{valid_i, first_i, last_i, shift_i};

  end else begin : gen_output_stationary
    localparam int Sums = Interleave;
    localparam int Wait = Interleave * AddLatency;  // from `last` to the final result, exclusive

    // Which sum a product joins, one-hot.
    logic [Sums-1:0] turn, turn_d, turn_q;
    assign turn = first_i ? Sums'(1) : turn_q;
    if (Sums == 1) begin : gen_one_turn
      assign turn_d = turn;
    end else begin : gen_turns
      assign turn_d = {turn[Sums-2:0], turn[Sums-1]};
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) turn_q <= Sums'(1);
      else if (valid_i) turn_q <= turn_d;
    end

    // since_last[n]: n cycles after `last`.
    logic [Wait-1:0] since_last;
    if (Wait == 1) begin : gen_no_wait
      assign since_last = last_i;
    end else begin : gen_wait
      logic [Wait-2:0] since_q;
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) since_q <= '0;
        else since_q <= since_last[Wait-2:0];
      end
      assign since_last = {since_q, last_i};
    end
    logic [Sums-1:0] merge;  // merge[i]: sum 0 += sum i
    assign merge[0] = 1'b0;
    for (genvar i = 1; i < Sums; i++) begin : gen_merge
      assign merge[i] = since_last[i*AddLatency];
    end

    // Where the adder's result goes, AddLatency - 1 cycles on.
    logic [Sums-1:0] write, target;
    assign target = (|merge) ? Sums'(1) : turn & {Sums{valid_i}};
    if (AddLatency == 1) begin : gen_write_now
      assign write = target;
    end else begin : gen_write_later
      logic [(AddLatency-1)*Sums-1:0] write_q;
      if (AddLatency == 2) begin : gen_one_stage
        always_ff @(posedge clk_i or negedge rst_ni) begin
          if (!rst_ni) write_q <= '0;
          else write_q <= target;
        end
      end else begin : gen_stages
        always_ff @(posedge clk_i or negedge rst_ni) begin
          if (!rst_ni) write_q <= '0;
          else write_q <= {write_q[(AddLatency-2)*Sums-1:0], target};
        end
      end
      assign write = write_q[(AddLatency-2)*Sums +: Sums];
    end

    // The sums. A segment's first products find +0 everywhere. With one sum the first product itself
    // restarts it, and the sum before must stay: it is captured up to AddLatency - 2 cycles later.
    logic [Sums*32-1:0] joined, merged;
    logic [31:0]        sum_zero;
    for (genvar i = 0; i < Sums; i++) begin : gen_sum
      logic [31:0] sum_q;
      always_ff @(posedge clk_i) begin
        if (write[i]) sum_q <= result;
        else if (Sums > 1 && first_i) sum_q <= 32'b0;
        else if (!Shadow && i == 0 && shift_i) sum_q <= chain_i;
      end
      if (i == 0) begin : gen_zero
        assign sum_zero = sum_q;
      end
      assign joined[i*32 +: 32] = sum_q & {32{turn[i]}};
      assign merged[i*32 +: 32] = sum_q & {32{merge[i]}};
    end
    logic [31:0] own, other;
    or_rows #(.Rows(Sums), .Width(32)) u_joined (.rows_i(joined), .or_o(own));
    or_rows #(.Rows(Sums), .Width(32)) u_merged (.rows_i(merged), .or_o(other));
    assign a = (|merge) ? sum_zero : own & {32{~first_i}};
    assign b = (|merge) ? other : product_i;

    if (Shadow) begin : gen_shadow
      shadow_register #(.SumBits(32)) u_shadow (
        .clk_i(clk_i), .rst_ni(rst_ni), .capture_i(since_last[Wait-1]), .shift_i(shift_i),
        .sum_i(write[0] ? result : sum_zero), .above_i(chain_i), .shadow_o(chain_o)
      );
    end else begin : gen_no_shadow
      assign chain_o = sum_zero;
      logic unused;
      assign unused = since_last[Wait-1];
    end

    // Sums whose add has not been written yet.
    logic [Sums-1:0] pending;
    if (AddLatency == 1) begin : gen_none_pending
      assign pending = '0;
    end else begin : gen_pending
      or_rows #(.Rows(AddLatency - 1), .Width(Sums)) u_pending (
        .rows_i(gen_write_later.write_q), .or_o(pending)
      );
    end
    `MIXPE_ASSERT(NoStepDuringAMerge, !(valid_i && |merge))
    `MIXPE_ASSERT(StepsOfASumKeepTheirDistance, !(valid_i && !first_i && |(turn & pending)))
  end
endmodule
