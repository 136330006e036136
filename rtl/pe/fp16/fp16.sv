`include "mixpe_assert.svh"

// FP16 x FP16, exact product, FP32 sum (models/pe/fp16). Ports: rtl/README.md.
module fp16 #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int ActBits = 16,
  parameter int WgtBits = 16,
  parameter int SumBits = 32,
  parameter int AddLatency = 2,
  parameter int Interleave = 2
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               weight_signed_i,
  input  logic               weight_wide_i,
  input  logic [ActBits-1:0] act_i,
  input  logic               valid_i,
  input  logic               first_i,
  input  logic               last_i,
  input  logic               shift_i,
  output logic [ActBits-1:0] act_o,
  output logic               valid_o,
  output logic               first_o,
  output logic               last_o,
  output logic               shift_o,
  input  logic [WgtBits-1:0] wgt_i,
  input  logic               take_i,
  output logic [WgtBits-1:0] wgt_o,
  output logic               take_o,
  input  logic [SumBits-1:0] sum_i,
  output logic [SumBits-1:0] sum_o,
  output logic               overflow_o
);
  logic [WgtBits-1:0] weight;
  pe_links #(
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits), .Hop(AddLatency)
  ) u_links (.*, .weight_o(weight));

  logic [31:0] product_d, product_q;
  fp16_multiply u_multiply (.a_i(act_o), .b_i(weight), .product_o(product_d));

  logic valid_q, first_q, last_q;
  always_ff @(posedge clk_i) product_q <= product_d;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {valid_q, first_q, last_q} <= 3'b000;
    else {valid_q, first_q, last_q} <= {valid_o, first_o, last_o};
  end

  fp32_accumulator #(
    .WeightStationary(WeightStationary), .Shadow(Shadow), .AddLatency(AddLatency),
    .Interleave(Interleave)
  ) u_sum (
    .clk_i(clk_i), .rst_ni(rst_ni), .product_i(product_q), .valid_i(valid_q), .first_i(first_q),
    .last_i(last_q), .shift_i(shift_o), .chain_i(sum_i), .chain_o(sum_o)
  );
  assign overflow_o = 1'b0;  // FP32 does not wrap

  logic unused;
  assign unused = weight_signed_i;

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, ActBits == 16 && WgtBits == 16 && SumBits == 32)
endmodule
