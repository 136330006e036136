// The edge's decoder of OliVe (models/formats/coded.h): two neighbouring nibbles of memory to two codes of
// five bits. If exactly one nibble is 1000, a victim, the other one is an outlier: bit 4. Combinational.
module ovp_decode (
  input  logic [3:0] first_i,
  input  logic [3:0] second_i,
  output logic [4:0] first_o,
  output logic [4:0] second_o
);
  logic first_victim, second_victim;
  assign first_victim = first_i == 4'b1000;
  assign second_victim = second_i == 4'b1000;
  assign first_o = {second_victim & ~first_victim, first_i};
  assign second_o = {first_victim & ~second_victim, second_i};
endmodule
