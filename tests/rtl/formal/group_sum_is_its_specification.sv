// For yosys' SAT solver: the MixPE W4A8 PE, from reset on, under any stream of operands, tags and shifts
// that keeps the port contract, against a specification in plain operators (holds_o is always 1).
//  * Assumed: idle slots carry zeros; no shift acts in a capture's cycle.
module group_sum_is_its_specification (
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
  output logic        holds_o
);
  logic [7:0]  act;
  logic        valid, first, last, shift, shift_legal;
  logic [19:0] shadow;
  assign act = act_i & {8{valid_i}};
  assign first = first_i & valid_i;
  assign shift_legal = shift_i & ~last_i;
  mixpe_w4a8 u_dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .weight_signed_i(signed_i), .weight_wide_i(1'b0),
    .act_i(act), .valid_i(valid_i), .first_i(first), .last_i(last_i), .shift_i(shift_legal),
    .act_o(), .valid_o(valid), .first_o(), .last_o(last), .shift_o(shift),
    .wgt_i(wgt_i), .take_i(1'b0), .wgt_o(), .take_o(),
    .sum_i(above_i), .sum_o(shadow), .overflow_o()
  );

  // The specification: the same stream, one cycle behind, summed with `*` and `+`.
  logic signed [7:0]  spec_act;
  logic [3:0]         spec_wgt;
  logic               spec_first, spec_last, spec_shift, started, known;
  logic signed [4:0]  spec_weight;
  logic signed [19:0] spec_product;
  logic [19:0]        spec_sum, spec_next, spec_shadow;
  assign spec_weight = {signed_i & spec_wgt[3], spec_wgt};
  assign spec_product = spec_act * spec_weight;
  assign spec_next = (spec_first ? 20'd0 : spec_sum) + spec_product;
  always_ff @(posedge clk_i) begin
    spec_act <= act;
    spec_wgt <= wgt_i;
    spec_sum <= spec_next;
    if (spec_last) spec_shadow <= spec_next;
    else if (spec_shift) spec_shadow <= above_i;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {spec_first, spec_last, spec_shift, started, known} <= 5'b0;
    end else begin
      {spec_first, spec_last, spec_shift} <= {first, last_i, shift_legal};
      started <= started | spec_first;  // the sum has a meaning from a first step on
      known <= known | spec_shift | (spec_last & (started | spec_first));
      if (spec_last & ~(started | spec_first)) known <= 1'b0;
    end
  end
  assign holds_o = ~rst_ni | ~known | (shadow == spec_shadow);

  logic unused;
  assign unused = valid ^ last ^ shift;
endmodule
