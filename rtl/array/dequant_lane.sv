`include "mixpe_assert.svh"

// A lane of either array: the dequantisation unit for its kind of sum, or none.
module dequant_lane #(
  parameter bit Dequant = 1'b1,
  parameter bit Fp32 = 1'b0,
  parameter bit Flags = 1'b0,
  parameter int SumBits = 20,     // with flags
  parameter int RowSumBits = 15,  // with flags
  parameter int ZeroBits = 5,
  parameter int TBits = 21,
  parameter int ScaleBits = 16,
  parameter int ScaleFracBits = 10,
  parameter int AddLatency = 2,
  parameter bit Deep = 1'b0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  valid_i,
  input  logic [SumBits-1:0]    sum_i,
  input  logic [RowSumBits-1:0] row_sum_i,
  input  logic signed [7:0]     exponent_i,
  input  logic [ZeroBits-1:0]   zero_i,
  input  logic [ScaleBits-1:0]  scale_i,
  input  logic [31:0]           y_i,
  output logic                  done_o,
  output logic [31:0]           y_o
);
  if (!Dequant) begin : gen_raw
    assign done_o = 1'b0;
    assign y_o = '0;
    logic unused;
    assign unused = ^{clk_i, rst_ni, valid_i, sum_i, row_sum_i, exponent_i, zero_i, scale_i, y_i};
  end else if (Fp32) begin : gen_fp32
    dequant_fp32 #(
      .ZeroBits(ZeroBits), .ScaleExpBits(ScaleBits - 1 - ScaleFracBits),
      .ScaleFracBits(ScaleFracBits), .AddLatency(AddLatency), .Deep(Deep)
    ) u_dequant (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .sum_i(sum_i), .row_sum_i(row_sum_i),
      .zero_i(zero_i), .scale_i(scale_i), .y_i(y_i), .valid_o(done_o), .y_o(y_o)
    );
    logic unused;
    assign unused = ^exponent_i;
  end else begin : gen_int
    localparam int FlagBits = Flags ? mixpe_pkg::FlagBits : 0;
    dequant_int #(
      .SumBits(SumBits - FlagBits), .RowSumBits(RowSumBits - FlagBits), .ZeroBits(ZeroBits),
      .TBits(TBits), .Flags(Flags), .ScaleExpBits(ScaleBits - 1 - ScaleFracBits),
      .ScaleFracBits(ScaleFracBits), .AddLatency(AddLatency), .Deep(Deep)
    ) u_dequant (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .sum_i(sum_i), .row_sum_i(row_sum_i),
      .zero_i(zero_i), .exponent_i(exponent_i), .scale_i(scale_i), .y_i(y_i), .valid_o(done_o),
      .y_o(y_o)
    );
  end
  `MIXPE_ASSERT_PARAM(TheScaleHasAnExponent, ScaleBits > 1 + ScaleFracBits)
endmodule
