// Stands in for rtl/common/shift_add.sv, as shift_add_is_a_product.sv proves it may.
module shift_add #(
  parameter int XBits = 8,
  parameter int SumBits = 20
) (
  input  logic [XBits-1:0]   x_i,
  input  logic [3:0]         weight_i,
  input  logic               signed_i,
  input  logic [SumBits-1:0] addend_i,
  output logic [SumBits-1:0] sum_o
);
  logic signed [SumBits-1:0] product;
  logic signed [4:0]         weight;
  assign weight = {signed_i & weight_i[3], weight_i};
  assign product = $signed(x_i) * weight;
  assign sum_o = addend_i + product;
endmodule
