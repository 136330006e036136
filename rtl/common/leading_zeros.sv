`include "mixpe_assert.svh"

// Counts the zeros above the highest set bit of value_i, and shifts data_i up by as many.
//  * If no bit is set, count_o has no meaning.
module leading_zeros #(
  parameter int Width = 28,
  parameter int CountBits = 5  // 2^CountBits >= Width
) (
  input  logic [Width-1:0]     value_i,
  input  logic [Width-1:0]     data_i,
  output logic [CountBits-1:0] count_o,
  output logic [Width-1:0]     shifted_o
);
  // The count's bits from the top: shift by 2^b if the 2^b highest bits are zero.
  logic [Width-1:0]     value, data;
  logic [CountBits-1:0] count;
  always_comb begin
    value = value_i;
    data = data_i;
    count = '0;
    for (int b = CountBits - 1; b >= 0; b--) begin
      if (2 ** b < Width && (value >> (Width - 2 ** b)) == '0) begin
        value = value << (2 ** b);
        data = data << (2 ** b);
        count = count | (CountBits'(1) << b);
      end
    end
  end
  assign shifted_o = data;
  assign count_o = count;
  `MIXPE_ASSERT_PARAM(TheCountFits, (1 << CountBits) >= Width)
endmodule
