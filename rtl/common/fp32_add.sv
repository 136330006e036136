`include "mixpe_assert.svh"

// FP32 addition, round to nearest even, IEEE 754 in full: subnormals, signed zeros, infinities; any
// NaN comes out as the canonical one.
//  * Latency 1: align, add, normalise, round in one cycle. 2: align, add | normalise, round.
//    3: align | add, normalise | round. 4: each by itself. More: registers at the end, for a
//    synthesiser to move.
//    So sum_o, stored in a register, is there Latency cycles after the operands. One add a cycle.
module fp32_add #(
  parameter int Latency = 2
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] sum_o
);
  // Significand, then guard, round and sticky bits.
  localparam int AlignedBits = 27;

  // ---- Align: the smaller operand to the larger one's exponent.
  logic       a_negative, b_negative, a_inf, b_inf, a_nan, b_nan, swap;
  logic [7:0] a_exponent, b_exponent;
  logic [23:0] a_significand, b_significand;
  fp_unpack #(.ExpBits(8), .FracBits(23)) u_a (
    .code_i(a_i), .negative_o(a_negative), .exponent_o(a_exponent),
    .significand_o(a_significand), .zero_o(), .inf_o(a_inf), .nan_o(a_nan)
  );
  fp_unpack #(.ExpBits(8), .FracBits(23)) u_b (
    .code_i(b_i), .negative_o(b_negative), .exponent_o(b_exponent),
    .significand_o(b_significand), .zero_o(), .inf_o(b_inf), .nan_o(b_nan)
  );

  logic [7:0]             distance;
  logic [AlignedBits-1:0] lesser, kept;
  assign swap = a_i[30:0] < b_i[30:0];
  assign distance = swap ? b_exponent - a_exponent : a_exponent - b_exponent;
  assign lesser = {swap ? a_significand : b_significand, 3'b000};
  assign kept = {AlignedBits{1'b1}} << distance;

  // What the rest of the adder needs, in stages.
  typedef struct packed {
    logic                   negative;
    logic                   subtract;
    logic                   nan;
    logic                   inf;
    logic [7:0]             exponent;
    logic [AlignedBits-1:0] greater;
    logic [AlignedBits-1:0] lesser;
  } aligned_t;
  typedef struct packed {
    logic                 negative;
    logic                 subtract;
    logic                 nan;
    logic                 inf;
    logic [7:0]           exponent;
    logic [AlignedBits:0] sum;
  } added_t;
  typedef struct packed {
    logic                 negative;
    logic                 nan;
    logic                 inf;
    logic [8:0]           field;  // of the exponent
    logic [AlignedBits:0] sum;
  } normal_t;

  aligned_t aligned_d, aligned;
  added_t   added_d, added;
  assign aligned_d.nan = a_nan | b_nan | (a_inf & b_inf & (a_negative ^ b_negative));
  assign aligned_d.inf = a_inf | b_inf;
  assign aligned_d.subtract = a_negative ^ b_negative;
  assign aligned_d.negative = swap ? b_negative : a_negative;
  assign aligned_d.exponent = swap ? b_exponent : a_exponent;
  assign aligned_d.greater = {swap ? b_significand : a_significand, 3'b000};
  assign aligned_d.lesser = (lesser >> distance) | {{(AlignedBits - 1){1'b0}}, |(lesser & ~kept)};

  if (Latency >= 3) begin : gen_aligned_register
    always_ff @(posedge clk_i) aligned <= aligned_d;
  end else begin : gen_aligned_wire
    assign aligned = aligned_d;
  end

  // ---- Add or subtract. |greater| >= |lesser|: never negative.
  logic [AlignedBits:0] addend;
  assign addend = {1'b0, aligned.lesser} ^ {(AlignedBits + 1){aligned.subtract}};
  assign added_d.sum =
      {1'b0, aligned.greater} + addend + {{AlignedBits{1'b0}}, aligned.subtract};
  assign added_d.negative = aligned.negative;
  assign added_d.subtract = aligned.subtract;
  assign added_d.nan = aligned.nan;
  assign added_d.inf = aligned.inf;
  assign added_d.exponent = aligned.exponent;

  if (Latency == 2 || Latency >= 4) begin : gen_added_register
    always_ff @(posedge clk_i) added <= added_d;
  end else begin : gen_added_wire
    assign added = added_d;
  end

  // ---- Normalise. Bit 27 of the sum has exponent added.exponent + 1; the count stops
  // where the exponent would fall below 1, as the marker bit is put there.
  localparam int SumBits = AlignedBits + 1;
  logic [SumBits-1:0] marker, shifted;
  logic [4:0]         count;
  assign marker = {1'b1, {(SumBits - 1){1'b0}}} >> added.exponent;
  leading_zeros #(.Width(SumBits), .CountBits(5)) u_count (
    .value_i(added.sum | marker), .data_i(added.sum), .count_o(count), .shifted_o(shifted)
  );

  // x - x is +0; -0 - 0 is no subtraction of magnitudes and stays -0.
  normal_t    normal_d, normal;
  logic [8:0] exponent;
  assign exponent = {1'b0, added.exponent} + 9'd1 - {4'b0, count};
  assign normal_d.negative = added.negative & ~(added.subtract & ~|added.sum);
  assign normal_d.nan = added.nan;
  assign normal_d.inf = added.inf;
  assign normal_d.field = shifted[SumBits-1] ? exponent : 9'd0;
  assign normal_d.sum = shifted;

  if (Latency >= 3) begin : gen_normal_register
    always_ff @(posedge clk_i) normal <= normal_d;
  end else begin : gen_normal_wire
    assign normal = normal_d;
  end

  // ---- Round. `up` is late: both results are made, and one chosen.
  logic        up, overflow;
  logic [31:0] down, rounded;
  logic [31:0] result;
  assign up = normal.sum[3] & (|normal.sum[2:0] | normal.sum[4]);
  assign down = {normal.field, normal.sum[26:4]};
  assign rounded = up ? down + 1'b1 : down;
  assign overflow = normal.inf | (rounded[31:23] >= 9'd255);
  assign result = normal.nan ? mixpe_pkg::Fp32Nan
      : {normal.negative, overflow ? mixpe_pkg::Fp32Inf : rounded[30:0]};
  skew_register #(.Cycles((Latency > 4) ? Latency - 4 : 0), .DataBits(32)) u_result (
    .clk_i(clk_i), .rst_ni(rst_ni), .data_i(result), .tags_i(1'b0), .data_o(sum_o), .tags_o()
  );

  `MIXPE_ASSERT_PARAM(LatencyIsPositive, Latency >= 1)
  `MIXPE_ASSERT(NanIsCanonical, sum_o[30:0] <= mixpe_pkg::Fp32Inf || sum_o == mixpe_pkg::Fp32Nan)
endmodule
