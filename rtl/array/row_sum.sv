`include "mixpe_assert.svh"

// The row-sum adder of one row, for the sums that its PEs form: it reads the first PE's operands, and its
// sum is there when that PE's is.
//  * Integers: Lanes activations of LaneBits, in the low bits of act_i.
//  * Fixed: activations are FP16 and summed in units of 2^-24. Fp32: in FP32. Else as they are.
//  * Weight-stationary: a link of a chain down the rows, sum_o = sum_i + activation.
module row_sum #(
  parameter bit WeightStationary = 1'b0,
  parameter int ActBits = 8,   // with flags
  parameter int Lanes = 1,
  parameter int LaneBits = ActBits,
  parameter bit Signed = 1'b1,
  parameter int SumBits = 15,  // with flags
  parameter bit Flags = 1'b0,
  parameter bit Fixed = 1'b0,
  parameter bit Fp32 = 1'b0,
  parameter int ProductLatency = 0,
  parameter int AddLatency = 1,
  parameter int Interleave = 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               valid_i,
  input  logic               first_i,
  input  logic               last_i,
  input  logic [ActBits-1:0] act_i,
  input  logic [SumBits-1:0] sum_i,
  output logic [SumBits-1:0] sum_o,
  output logic [Lanes-1:0]   overflow_o
);
  if (Fp32) begin : gen_fp32
    row_sum_fp32 #(
      .WeightStationary(WeightStationary), .ProductLatency(ProductLatency),
      .AddLatency(AddLatency), .Interleave(Interleave)
    ) u_sum (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .first_i(first_i), .last_i(last_i),
      .act_i(act_i), .sum_i(sum_i), .sum_o(sum_o)
    );
    assign overflow_o = '0;
  end else begin : gen_integer
    // Numbers, their flags above.
    localparam int FlagBits = Flags ? mixpe_pkg::FlagBits : 0;
    localparam int NumberBits = Fixed ? 41 : LaneBits - FlagBits;
    localparam int NumbersBits = Lanes * (FlagBits + NumberBits);
    logic [NumbersBits-1:0] number, number_q;
    logic                   valid_q, first_q;
    if (Fixed) begin : gen_fixed
      fp16_to_fixed u_fixed (.act_i(act_i), .fixed_o(number));
    end else begin : gen_as_they_are
      assign number = act_i[NumbersBits-1:0];
      logic unused_act;
      assign unused_act = ^act_i;
    end
    skew_register #(
      .Cycles(ProductLatency), .DataBits(NumbersBits), .TagBits(2)
    ) u_product (
      .clk_i(clk_i), .rst_ni(rst_ni), .data_i(number), .tags_i({valid_i, first_i}),
      .data_o(number_q), .tags_o({valid_q, first_q})
    );
    row_sum_int #(
      .WeightStationary(WeightStationary), .Lanes(Lanes), .ActBits(NumberBits), .Signed(Signed),
      .SumBits(SumBits - FlagBits), .Flags(Flags)
    ) u_sum (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_q), .first_i(first_q), .act_i(number_q),
      .sum_i(sum_i), .sum_o(sum_o), .overflow_o(overflow_o)
    );
    logic unused;
    assign unused = last_i;
    `MIXPE_ASSERT_PARAM(IntegersAreAddedInACycle, AddLatency == 1 && Interleave == 1)
  end
  `MIXPE_ASSERT_PARAM(LanesAreIntegers, Lanes == 1 || !(Fixed || Fp32))
endmodule
