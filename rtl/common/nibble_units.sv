// Four 4-bit units of PEs that fuse them (models/pe/nibble_units.h): sum_o = addend_i + the sum over units of
// a * b, each operand integer * 2^exponent (modulo 2^SumBits).
//  * Unit u: integers of 5 bits, two's complement, from bit 5u on; exponents of 3 bits from bit 3u on.
//  * A unit's product lies in [-2^15, 2^15): the largest are 64 * 256, nibbles of a byte, and 96 * 96.
module nibble_units #(
  parameter int SumBits = 33
) (
  input  logic [19:0]        a_integer_i,
  input  logic [11:0]        a_exponent_i,
  input  logic [19:0]        b_integer_i,
  input  logic [11:0]        b_exponent_i,
  input  logic [SumBits-1:0] addend_i,
  output logic [SumBits-1:0] sum_o
);
  // A product's sign bit is inverted, which adds 2^15; the constant takes back four times that.
  localparam int Units = 4;
  localparam int Bits = 16;
  localparam int Rows = Units + 2;
  localparam logic [SumBits-1:0] One = 1;
  localparam logic [SumBits-1:0] Constant = -(One << (Bits + 1));
  localparam logic [SumBits-1:0] RowMask = (One << Bits) - One;
  localparam logic [Rows*SumBits-1:0] Masks = {{SumBits{1'b1}}, Constant, {Units{RowMask}}};

  logic [Rows*SumBits-1:0] rows;
  for (genvar u = 0; u < Units; u++) begin : gen_unit
    logic [9:0]      product;
    logic [3:0]      places;
    logic [Bits-1:0] shifted;
    signed_product #(.ABits(5), .BBits(5)) u_multiply (
      .a_i(a_integer_i[5*u +: 5]), .b_i(b_integer_i[5*u +: 5]), .product_o(product)
    );
    assign places = {1'b0, a_exponent_i[3*u +: 3]} + {1'b0, b_exponent_i[3*u +: 3]};
    assign shifted = {{(Bits - 10){product[9]}}, product} << places;
    assign rows[u*SumBits +: SumBits] =
        {{(SumBits - Bits){1'b0}}, ~shifted[Bits-1], shifted[Bits-2:0]};
  end
  assign rows[Units*SumBits +: SumBits] = Constant;
  assign rows[(Units+1)*SumBits +: SumBits] = addend_i;

  logic [SumBits-1:0] sum, carry;
  carry_save_tree #(.Rows(Rows), .Width(SumBits), .Masks(Masks)) u_tree (
    .rows_i(rows), .sum_o(sum), .carry_o(carry)
  );
  assign sum_o = sum + carry;
endmodule
