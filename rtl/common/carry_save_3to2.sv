`include "mixpe_assert.svh"

// Three rows of bits to two of the same sum (modulo 2^Width), without carry propagation.
//  * A mask says which bits of a row exist; the others are zero and cost nothing.
//  * Three bits in a column take a full adder. Two are passed on, one in each row, unless a carry
//    from the right needs the place: then a half adder.
module carry_save_3to2 #(
  parameter int               Width = 4,
  parameter logic [Width-1:0] MaskA = {Width{1'b1}},
  parameter logic [Width-1:0] MaskB = {Width{1'b1}},
  parameter logic [Width-1:0] MaskC = {Width{1'b1}}
) (
  input  logic [Width-1:0] a_i,
  input  logic [Width-1:0] b_i,
  input  logic [Width-1:0] c_i,
  output logic [Width-1:0] sum_o,
  output logic [Width-1:0] carry_o
);

  // Columns that send a carry to the left: adding the masks' column counts as a ripple does.
  function automatic logic [Width-1:0] carries(input logic [Width-1:0] a, input logic [Width-1:0] b,
                                               input logic [Width-1:0] c);
    integer i;
    begin
      carries = a & b & c;
      for (i = 1; i < Width; i = i + 1) begin
        carries[i] = (a[i] & b[i] & c[i]) |
            (((a[i] & b[i]) | (a[i] & c[i]) | (b[i] & c[i])) & carries[i-1]);
      end
    end
  endfunction

  localparam logic [Width-1:0] Carries = carries(MaskA, MaskB, MaskC);

  logic [Width:0] carry;  // carry[i]: into column i
  assign carry[0] = 1'b0;

  for (genvar i = 0; i < Width; i++) begin : gen_column
    localparam bit A = MaskA[i];
    localparam bit B = MaskB[i];
    localparam bit C = MaskC[i];
    localparam bit Pair = (A & B & ~C) | (A & C & ~B) | (B & C & ~A);
    if (A & B & C) begin : gen_full
      full_adder u_add (
        .a_i(a_i[i]), .b_i(b_i[i]), .c_i(c_i[i]), .sum_o(sum_o[i]), .carry_o(carry[i+1])
      );
      assign carry_o[i] = carry[i];
    end else if (Pair & Carries[i]) begin : gen_half
      half_adder u_add (
        .a_i(A ? a_i[i] : b_i[i]), .b_i((A & B) ? b_i[i] : c_i[i]),
        .sum_o(sum_o[i]), .carry_o(carry[i+1])
      );
      assign carry_o[i] = carry[i];
    end else begin : gen_pass
      assign sum_o[i] = A ? a_i[i] : B ? b_i[i] : C ? c_i[i] : 1'b0;
      assign carry_o[i] = !Pair ? carry[i] : (A & B) ? b_i[i] : c_i[i];
      assign carry[i+1] = 1'b0;
    end
  end
  `MIXPE_ASSERT_COMB(TheSumIsKept, sum_o + carry_o == a_i + b_i + c_i)
endmodule
