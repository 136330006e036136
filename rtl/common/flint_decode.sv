// ANT's decoder (models/formats/coded.h): a 4-bit code to integer * 2^exponent, or a nibble of a byte to
// the same. Combinational.
//  * type_i 0: two's complement; 1: flint4; 2: uflint4, or pot4 with PowersOfTwo.
//  * byte_i: the nibble High of an INT8, worth 16^High; only the high one is signed.
module flint_decode #(
  parameter bit PowersOfTwo = 1'b0,
  parameter bit High = 1'b0
) (
  input  logic [3:0] code_i,
  input  logic [1:0] type_i,
  input  logic       byte_i,
  output logic [4:0] integer_o,  // two's complement
  output logic [2:0] exponent_o
);
  logic coded, power, wide;  // wide: a magnitude of 4 bits, without sign
  assign coded = ~byte_i & |type_i;
  assign power = PowersOfTwo & type_i[1];
  assign wide = ~PowersOfTwo & type_i[1];

  // Flint: the magnitude's bits below its top one, from the left; top 0: they are the integer; top 1 and
  // z zeros before their first 1: the same, 2z + 1 places up; all zero: the largest value.
  logic       top;
  logic [2:0] low, flint, flint_exponent;
  assign top = wide ? code_i[3] : code_i[2];
  assign low = wide ? code_i[2:0] : {code_i[1:0], 1'b0};
  assign flint = (top && low == 3'b000) ? 3'd1 : wide ? low : {1'b0, low[2:1]};
  assign flint_exponent = !top ? 3'd0 : low[2] ? 3'd1 : low[1] ? 3'd3 : low[0] ? 3'd5 : wide ? 3'd6 : 3'd4;

  // Powers of two: 0, then 1, 2, 4, ...
  logic       power_present;
  logic [2:0] magnitude, exponent;
  assign power_present = |code_i[2:0];
  assign magnitude = power ? {2'b00, power_present} : flint;
  assign exponent = power ? code_i[2:0] - {2'b00, power_present} : flint_exponent;

  logic negative;
  assign negative = code_i[3] & ~wide;
  assign integer_o = !coded ? {code_i[3] & (High | ~byte_i), code_i}
                            : ({2'b00, magnitude} ^ {5{negative}}) + {4'b0000, negative};
  assign exponent_o = coded ? exponent : {High & byte_i, 2'b00};
endmodule
