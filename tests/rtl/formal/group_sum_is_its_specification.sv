// For yosys' SAT solver: the MixPE W4A8 PE, from reset on, under any stream of operands, tags and shifts
// that keeps the port contract, against a specification in plain operators (holds_o is always 1).
//  * Assumed: idle slots carry zeros; no shift acts in a capture's cycle.
//  * pe_sum is the PE's running sum, connected by tools/rtl_check: an invariant that makes the proof
//    inductive, so that it holds for runs of any length.
//  * Wrong = 1 captures the sum before the last product: a claim that must be refuted.
module group_sum_is_its_specification #(
  parameter bit Wrong = 1'b0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        signed_i,
  input  logic [7:0]  act_i,
  input  logic        valid_i,
  input  logic        first_i,
  input  logic        last_i,
  input  logic        shift_i,
  input  logic [3:0]  wgt_i,
  input  logic [19:0] above_i,
  input  logic [19:0] pe_sum,
  output logic        holds_o
);
  logic [7:0]  act, act_right;
  logic [3:0]  wgt_below;
  logic        valid, first, last, shift;  // passed on
  logic        first_legal, shift_legal, overflow;
  logic [19:0] shadow;
  assign act = act_i & {8{valid_i}};
  assign first_legal = first_i & valid_i;
  assign shift_legal = shift_i & ~last_i;
  mixpe_w4a8 u_dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .weight_signed_i(signed_i), .weight_wide_i(1'b0),
    .act_i(act), .valid_i(valid_i), .first_i(first_legal), .last_i(last_i), .shift_i(shift_legal),
    .act_o(act_right), .valid_o(valid), .first_o(first), .last_o(last), .shift_o(shift),
    .wgt_i(wgt_i), .take_i(1'b0), .wgt_o(wgt_below), .take_o(),
    .sum_i(above_i), .sum_o(shadow), .overflow_o(overflow)
  );

  // The specification: the same stream, one cycle behind, summed with `*` and `+`.
  logic signed [7:0]  spec_act;
  logic [3:0]         spec_wgt;
  logic               spec_valid, spec_first, spec_last, spec_shift, summing, known;
  logic signed [4:0]  spec_weight;
  logic signed [20:0] spec_base, spec_product, spec_exact;  // one bit more than the PE's sum
  logic [19:0]        spec_sum, spec_next, spec_shadow;
  assign spec_weight = {signed_i & spec_wgt[3], spec_wgt};
  assign spec_product = spec_act * spec_weight;
  assign spec_base = spec_first ? 21'sd0 : {spec_sum[19], spec_sum};
  assign spec_exact = spec_base + spec_product;
  assign spec_next = spec_exact[19:0];
  always_ff @(posedge clk_i) begin
    spec_act <= act;
    spec_wgt <= wgt_i;
    spec_sum <= spec_next;
    if (spec_last) spec_shadow <= Wrong ? spec_sum : spec_next;
    else if (spec_shift) spec_shadow <= above_i;
  end
  // A sum has a meaning from a first step on, the shadow register from a capture or shift on.
  logic started;
  assign started = summing | spec_first;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {spec_valid, spec_first, spec_last, spec_shift, summing, known} <= 6'b0;
    end else begin
      {spec_valid, spec_first, spec_last, spec_shift} <= {valid_i, first_legal, last_i, shift_legal};
      summing <= started;
      known <= spec_last ? started : known | spec_shift;
    end
  end

  logic passes_on, sums, overflows, holds_shadow;
  assign passes_on = (act_right == spec_act) & (wgt_below == spec_wgt) &
                     ({valid, first, last, shift} == {spec_valid, spec_first, spec_last, spec_shift});
  assign sums = ~summing | (pe_sum == spec_sum);
  assign overflows = ~started | (overflow == (spec_exact[20] ^ spec_exact[19]));
  assign holds_shadow = ~known | (shadow == spec_shadow);
  assign holds_o = ~rst_ni | (passes_on & sums & overflows & holds_shadow);
endmodule
