// OliVe's decoder (models/formats/coded.h): a code of an outlier-victim pair, INT4, or a nibble of a byte to
// integer * 2^exponent. Combinational.
//  * pairs_i: bit 4 of the code (ovp_decode) marks an outlier, sign and abfloat E2M1; without it 1000 is a
//    victim, worth 0. Else bit 4 has no meaning.
//  * byte_i: the nibble High of an INT8, worth 16^High; only the high one is signed.
module abfloat_decode #(
  parameter bit High = 1'b0
) (
  input  logic [4:0] code_i,
  input  logic       pairs_i,
  input  logic       byte_i,
  output logic [4:0] integer_o,  // two's complement
  output logic [2:0] exponent_o
);
  logic       outlier, victim;
  logic [4:0] mantissa;  // 2 or 3, with its sign
  assign outlier = ~byte_i & pairs_i & code_i[4];
  assign victim = ~byte_i & pairs_i & (code_i[3:0] == 4'b1000);
  assign mantissa = ({4'b0001, code_i[0]} ^ {5{code_i[3]}}) + {4'b0000, code_i[3]};
  assign integer_o = outlier ? mantissa
                   : victim ? 5'd0 : {code_i[3] & (High | ~byte_i), code_i[3:0]};
  assign exponent_o = outlier ? {1'b0, code_i[2:1]} + 3'd2 : {High & byte_i, 2'b00};
endmodule
