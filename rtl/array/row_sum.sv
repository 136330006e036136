// The row-sum adder of one row, for the sums that its PEs form: it reads the first PE's operands.
//  * Fixed: activations are FP16 and summed in units of 2^-24. Fp32: in FP32. Else as they are.
module row_sum #(
  parameter int ActBits = 8,   // with flags
  parameter int SumBits = 15,  // with flags
  parameter bit Flags = 1'b0,
  parameter bit Fixed = 1'b0,
  parameter bit Fp32 = 1'b0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               valid_i,
  input  logic               first_i,
  input  logic [ActBits-1:0] act_i,
  output logic [SumBits-1:0] sum_o,
  output logic               overflow_o
);
  localparam int FlagBits = Flags ? mixpe_pkg::FlagBits : 0;
  if (Fp32) begin : gen_fp32
    row_sum_fp32 u_sum (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .first_i(first_i), .act_i(act_i),
      .sum_o(sum_o)
    );
    assign overflow_o = 1'b0;
  end else if (Fixed) begin : gen_fixed
    logic [43:0] fixed;
    fp16_to_fixed u_fixed (.act_i(act_i), .fixed_o(fixed));
    row_sum_int #(.ActBits(41), .SumBits(SumBits - FlagBits), .Flags(Flags)) u_sum (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .first_i(first_i), .act_i(fixed),
      .sum_o(sum_o), .overflow_o(overflow_o)
    );
  end else begin : gen_integer
    row_sum_int #(
      .ActBits(ActBits - FlagBits), .SumBits(SumBits - FlagBits), .Flags(Flags)
    ) u_sum (
      .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .first_i(first_i), .act_i(act_i),
      .sum_o(sum_o), .overflow_o(overflow_o)
    );
  end
endmodule
