`include "mixpe_assert.svh"

// INT2-INT4 weights x FP16 by shift-and-add on the significand (models/pe/mixpe_w4a16). Ports:
// rtl/README.md.
//  * Sum = mixpe_pkg::SumFp32: FP32 adder, as in fp32_accumulator.
//  * Sum = SumFixed: sum_o = {flags, integer in units of 2^-24}.
//  * Sum = SumAligned: act_i = {flags, 16-bit integer} from the row's aligner;
//    sum_o = {flags, integer}.
module mixpe_w4a16 #(
  parameter bit WeightStationary = 1'b0,
  parameter bit Shadow = 1'b1,
  parameter int Sum = mixpe_pkg::SumFixed,
  parameter int ActBits = (Sum == mixpe_pkg::SumAligned) ? 19 : 16,
  parameter int WgtBits = 4,
  parameter int SumBits =
      (Sum == mixpe_pkg::SumFp32) ? 32 : (Sum == mixpe_pkg::SumFixed) ? 55 : 30,
  parameter int AddLatency = 2,  // SumFp32 only, as is Interleave
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
    .WeightStationary(WeightStationary), .ActBits(ActBits), .WgtBits(WgtBits), .Hop((Sum == mixpe_pkg::SumFp32) ? AddLatency : 1)
  ) u_links (.*, .weight_o(weight));

  logic weight_negative;
  assign weight_negative = weight_signed_i & weight[3];

  if (Sum == mixpe_pkg::SumAligned) begin : gen_aligned
    localparam int AccBits = SumBits - mixpe_pkg::FlagBits;
    logic [SumBits-1:0] addend, sum;
    shift_add #(.XBits(mixpe_pkg::AlignedBits), .SumBits(AccBits)) u_mac (
      .x_i(act_o[15:0]), .weight_i(weight), .signed_i(weight_signed_i),
      .addend_i(addend[AccBits-1:0]), .sum_o(sum[AccBits-1:0])
    );
    special_flags u_flags (
      .sum_i(addend[SumBits-1:AccBits]), .act_i(act_o[18:16]), .weight_zero_i(~|weight),
      .weight_negative_i(weight_negative), .sum_o(sum[SumBits-1:AccBits])
    );
    sum_register #(
      .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
    ) u_sum (
      .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_o), .second_i(1'b0), .last_i(last_o),
      .shift_i(shift_o), .addend_o(addend), .sum_i(sum), .chain_i(sum_i), .chain_o(sum_o)
    );
    logic product_negative;
    assign product_negative = act_o[15] ^ weight_negative;
    assign overflow_o =
        (addend[AccBits-1] == product_negative) & (sum[AccBits-1] != product_negative);

  end else begin : gen_float
    // |significand * weight| is small: the weight's sign is in the product, the activation's beside.
    logic        act_negative, act_zero, act_inf, act_nan;
    logic [4:0]  act_exponent;
    logic [10:0] act_significand;
    logic [15:0] product;
    fp_unpack #(.ExpBits(5), .FracBits(10)) u_unpack (
      .code_i(act_o), .negative_o(act_negative), .exponent_o(act_exponent),
      .significand_o(act_significand), .zero_o(act_zero), .inf_o(act_inf), .nan_o(act_nan)
    );
    shift_add #(.XBits(12), .SumBits(16)) u_product (
      .x_i({1'b0, act_significand}), .weight_i(weight), .signed_i(weight_signed_i),
      .addend_i(16'b0), .sum_o(product)
    );
    logic valid_q, first_q, last_q;  // with the registered product
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {valid_q, first_q, last_q} <= 3'b000;
      else {valid_q, first_q, last_q} <= {valid_o, first_o, last_o};
    end

    if (Sum == mixpe_pkg::SumFixed) begin : gen_fixed
      localparam int AccBits = SumBits - mixpe_pkg::FlagBits;
      localparam int ShiftedBits = 16 + 29;  // exponents 1-30 shift by 0-29
      logic [15:0] product_q;
      logic [4:0]  exponent_q;
      logic        act_negative_q, weight_zero_q, weight_negative_q;
      logic [2:0]  act_flags_q;
      always_ff @(posedge clk_i) begin
        product_q <= product & {16{~(act_inf | act_nan)}};
        exponent_q <= act_exponent - 5'd1;
        act_negative_q <= act_negative;
        act_flags_q <= {act_nan, act_inf & act_negative, act_inf & ~act_negative};
        weight_zero_q <= ~|weight;
        weight_negative_q <= weight_negative;
      end

      // Shifted, then inverted for a negative activation: ~p + 1, the 1 being a carry.
      logic [ShiftedBits-1:0] shifted;
      logic [AccBits-1:0]     term;
      logic [SumBits-1:0]     addend, sum;
      assign shifted = {{(ShiftedBits - 16){product_q[15]}}, product_q} << exponent_q;
      assign term = {{(AccBits - ShiftedBits){shifted[ShiftedBits-1]}}, shifted} ^
                    {AccBits{act_negative_q}};
      assign sum[AccBits-1:0] =
          addend[AccBits-1:0] + term + {{(AccBits - 1){1'b0}}, act_negative_q};
      special_flags u_flags (
        .sum_i(addend[SumBits-1:AccBits]), .act_i(act_flags_q), .weight_zero_i(weight_zero_q),
        .weight_negative_i(weight_negative_q), .sum_o(sum[SumBits-1:AccBits])
      );
      sum_register #(
        .WeightStationary(WeightStationary), .Shadow(Shadow), .SumBits(SumBits)
      ) u_sum (
        .clk_i(clk_i), .rst_ni(rst_ni), .first_i(first_q), .second_i(1'b0), .last_i(last_q),
        .shift_i(shift_o), .addend_o(addend), .sum_i(sum), .chain_i(sum_i), .chain_o(sum_o)
      );
      logic product_negative;
      assign product_negative = act_negative_q ^ product_q[15];
      assign overflow_o =
          (addend[AccBits-1] == product_negative) & (sum[AccBits-1] != product_negative);
      logic unused;
      assign unused = valid_q ^ act_zero;

    end else begin : gen_fp32
      logic [14:0] magnitude;
      logic [31:0] product_d, product_q;
      logic        product_nan;
      assign magnitude = product[15] ? -product[14:0] : product[14:0];
      assign product_nan = act_nan | (act_inf & ~|weight);
      product_to_fp32 #(.MagBits(15), .Offset(102)) u_product_fp32 (
        .negative_i(act_negative ^ product[15]), .magnitude_i(magnitude),
        .exponent_i({3'b0, act_exponent}), .inf_i(act_inf), .inf_negative_i(act_negative ^ weight_negative),
        .nan_i(product_nan), .product_o(product_d)
      );
      always_ff @(posedge clk_i) product_q <= product_d;
      fp32_accumulator #(
        .WeightStationary(WeightStationary), .Shadow(Shadow), .AddLatency(AddLatency),
        .Interleave(Interleave)
      ) u_sum (
        .clk_i(clk_i), .rst_ni(rst_ni), .product_i(product_q), .valid_i(valid_q),
        .first_i(first_q), .last_i(last_q), .shift_i(shift_o), .chain_i(sum_i), .chain_o(sum_o)
      );
      assign overflow_o = 1'b0;  // FP32 does not wrap
      logic unused;
      assign unused = act_zero;
    end
  end

  `MIXPE_ASSERT_PARAM(WidthsAreOfThisPe, WgtBits == 4 &&
                      ActBits == ((Sum == mixpe_pkg::SumAligned) ? 19 : 16))
  `MIXPE_ASSERT(IdleActivationIsZero, valid_o || act_o == '0)
endmodule
