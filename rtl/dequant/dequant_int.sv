`include "mixpe_assert.svh"

// A dequantisation lane for integer sums: y + RNE32(RNE32((S - z * r) * 2^e) * scale)
// (docs/numerics.md). One output a cycle.
//  * S, r: {flags, two's complement} with Flags, else the number alone. z: two's complement, one bit
//    wider than an unsigned zero-point. e: unit of S and r. scale: FP16, or as ScaleExpBits and
//    ScaleFracBits say. TBits holds every S - z * r (zero_corrected_bits() of the model).
//  * Stages: t | x = RNE32(t * 2^e) | p = RNE32(x * scale) | y + p in AddLatency. With Deep, x and p take
//    three stages each. What is given in cycle k, with y_i in cycle k + 3 (Deep: k + 7), when p is
//    added, is at y_o AddLatency cycles after that; valid_o marks it.
module dequant_int #(
  parameter int SumBits = 20,     // without flags
  parameter int RowSumBits = 15,  // without flags
  parameter int ZeroBits = 5,
  parameter int TBits = 21,
  parameter bit Flags = 1'b0,
  parameter int ScaleExpBits = 5,
  parameter int ScaleFracBits = 10,
  parameter int AddLatency = 2,
  parameter bit Deep = 1'b0,
  parameter int FlagBits = Flags ? mixpe_pkg::FlagBits : 0
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                valid_i,
  input  logic [FlagBits+SumBits-1:0]         sum_i,
  input  logic [FlagBits+RowSumBits-1:0]      row_sum_i,
  input  logic [ZeroBits-1:0]                 zero_i,
  input  logic signed [7:0]                   exponent_i,
  input  logic [ScaleExpBits+ScaleFracBits:0] scale_i,
  input  logic [31:0]                         y_i,
  output logic                                valid_o,
  output logic [31:0]                         y_o
);
  localparam int ConvertLatency = Deep ? 3 : 1;
  localparam int ScaleLatency = Deep ? 3 : 1;
  localparam int ProductBits = RowSumBits + ZeroBits;
  localparam int WideBits = ((SumBits > ProductBits) ? SumBits : ProductBits) + 1;

  // ---- t = S - z * r, exact.
  logic [ProductBits-1:0] offset;
  logic [WideBits-1:0]    t_wide;
  signed_product #(.ABits(RowSumBits), .BBits(ZeroBits)) u_offset (
    .a_i(row_sum_i[RowSumBits-1:0]), .b_i(zero_i), .product_o(offset)
  );
  assign t_wide = {{(WideBits - SumBits){sum_i[SumBits-1]}}, sum_i[SumBits-1:0]} -
                  {{(WideBits - ProductBits){offset[ProductBits-1]}}, offset};

  logic [TBits-1:0]                    t_q;
  logic signed [7:0]                   exponent_q;
  logic [ScaleExpBits+ScaleFracBits:0] scale_q;
  logic                                nan_q, inf_q, inf_negative_q;
  always_ff @(posedge clk_i) begin
    t_q <= t_wide[TBits-1:0];
    exponent_q <= exponent_i;
  end
  delay #(.Cycles(1 + ConvertLatency), .Width(1 + ScaleExpBits + ScaleFracBits)) u_scale (
    .clk_i(clk_i), .data_i(scale_i), .data_o(scale_q)
  );

  // ---- Flags follow the FP32 rule S - z * r, in which everything finite is of no account.
  if (Flags) begin : gen_flags
    logic [2:0] sum_flags, row_flags;
    logic zero, sum_inf, row_inf, row_negative, sum_nan, row_nan;
    assign sum_flags = sum_i[SumBits +: 3];
    assign row_flags = row_sum_i[RowSumBits +: 3];
    assign zero = ~|zero_i;
    assign sum_nan = sum_flags[mixpe_pkg::FlagNan] | (&sum_flags[1:0]);
    assign row_nan = row_flags[mixpe_pkg::FlagNan] | (&row_flags[1:0]);
    assign sum_inf = |sum_flags[1:0];
    assign row_inf = |row_flags[1:0];
    assign row_negative = row_flags[mixpe_pkg::FlagMinusInf] ^ zero_i[ZeroBits-1];  // of z * r
    always_ff @(posedge clk_i) begin
      nan_q <= sum_nan | row_nan | (row_inf & zero) |
          (sum_inf & row_inf & (sum_flags[mixpe_pkg::FlagMinusInf] == row_negative));
      inf_q <= sum_inf | row_inf;
      inf_negative_q <= sum_inf ? sum_flags[mixpe_pkg::FlagMinusInf] : ~row_negative;
    end
  end else begin : gen_no_flags
    assign {nan_q, inf_q, inf_negative_q} = 3'b000;
  end

  // ---- x
  logic [31:0] finite, x_q;
  logic        nan, inf, inf_negative;
  delay #(.Cycles(ConvertLatency - 1), .Width(3)) u_special (
    .clk_i(clk_i), .data_i({nan_q, inf_q, inf_negative_q}), .data_o({nan, inf, inf_negative})
  );
  int_to_fp32 #(.Bits(TBits), .Latency(ConvertLatency)) u_convert (
    .clk_i(clk_i), .value_i(t_q), .exponent_i(exponent_q), .code_o(finite)
  );
  always_ff @(posedge clk_i) begin
    x_q <= nan ? mixpe_pkg::Fp32Nan : inf ? {inf_negative, mixpe_pkg::Fp32Inf} : finite;
  end

  // ---- p and y + p
  dequant_accumulate #(
    .ScaleExpBits(ScaleExpBits), .ScaleFracBits(ScaleFracBits), .ScaleLatency(ScaleLatency),
    .AddLatency(AddLatency)
  ) u_accumulate (
    .clk_i(clk_i), .rst_ni(rst_ni), .x_i(x_q), .scale_i(scale_q), .y_i(y_i), .y_o(y_o)
  );
  valid_delay #(.Cycles(1 + ConvertLatency + ScaleLatency + AddLatency)) u_valid (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .valid_o(valid_o)
  );

  if (WideBits > TBits) begin : gen_range
    logic [WideBits-TBits:0] above;  // all equal if t fits
    assign above = t_wide[WideBits-1:TBits-1];
    `MIXPE_ASSERT(ZeroCorrectedSumFits, !valid_i || (&above) || !(|above))
  end
  `MIXPE_ASSERT_PARAM(TFits, TBits <= WideBits)
endmodule
