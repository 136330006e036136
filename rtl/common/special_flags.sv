`include "mixpe_assert.svh"

// Infinities and NaN beside an integer sum (docs/numerics.md): flags of act * weight join the sum's.
//  * Inf * 0 = NaN, a negative weight turns an infinity round; both infinities make a NaN, and a NaN
//    stays one until the segment's end.
module special_flags (
  input  logic [mixpe_pkg::FlagBits-1:0] sum_i,
  input  logic [mixpe_pkg::FlagBits-1:0] act_i,
  input  logic                           weight_zero_i,
  input  logic                           weight_negative_i,
  output logic [mixpe_pkg::FlagBits-1:0] sum_o
);
  logic act_inf, plus, minus, nan;
  assign act_inf = act_i[mixpe_pkg::FlagPlusInf] | act_i[mixpe_pkg::FlagMinusInf];
  assign plus = sum_i[mixpe_pkg::FlagPlusInf] | (~weight_zero_i &
      (weight_negative_i ? act_i[mixpe_pkg::FlagMinusInf] : act_i[mixpe_pkg::FlagPlusInf]));
  assign minus = sum_i[mixpe_pkg::FlagMinusInf] | (~weight_zero_i &
      (weight_negative_i ? act_i[mixpe_pkg::FlagPlusInf] : act_i[mixpe_pkg::FlagMinusInf]));
  assign nan = sum_i[mixpe_pkg::FlagNan] | act_i[mixpe_pkg::FlagNan] | (act_inf & weight_zero_i) |
      (plus & minus);
  assign sum_o[mixpe_pkg::FlagPlusInf] = plus & ~nan;
  assign sum_o[mixpe_pkg::FlagMinusInf] = minus & ~nan;
  assign sum_o[mixpe_pkg::FlagNan] = nan;
  `MIXPE_ASSERT_COMB(OneFlagAtMost, (sum_o & (sum_o - 1'b1)) == '0)
endmodule
