`include "mixpe_assert.svh"

// Any number of rows to two of the same sum (modulo 2^Width): a tree of carry_save_3to2.
//  * Row r is bits [r*Width +: Width] of rows_i; Masks says which of its bits exist.
//  * Each level takes the rows by threes; what is left over waits for the next level.
module carry_save_tree #(
  parameter int                    Rows = 3,
  parameter int                    Width = 4,
  parameter logic [Rows*Width-1:0] Masks = {(Rows*Width){1'b1}}
) (
  input  logic [Rows*Width-1:0] rows_i,
  output logic [Width-1:0]      sum_o,
  output logic [Width-1:0]      carry_o
);
`ifdef MIXPE_FAST_SIMULATION
  logic [Width-1:0] sum;
  always_comb begin
    sum = '0;
    for (int r = 0; r < Rows; r++) sum = sum + rows_i[r*Width +: Width];
  end
  assign sum_o = sum;
  assign carry_o = '0;
  logic unused;
  assign unused = ^Masks;
`else
  localparam int Triples = Rows / 3;
  localparam int Left = Rows - 3 * Triples;
  localparam int Next = 2 * Triples + Left;

  // Which bits the next level's rows have: the rules of carry_save_3to2.
  function automatic logic [Next*Width-1:0] next_masks(input logic [Rows*Width-1:0] m);
    integer t;
    integer i;
    integer count;
    logic carry;
    begin
      next_masks = '0;
      for (t = 0; t < Triples; t = t + 1) begin
        carry = 1'b0;
        for (i = 0; i < Width; i = i + 1) begin
          count = 0;
          if (m[3*t*Width+i]) count = count + 1;
          if (m[(3*t+1)*Width+i]) count = count + 1;
          if (m[(3*t+2)*Width+i]) count = count + 1;
          if (count > 0) next_masks[2*t*Width+i] = 1'b1;
          if (carry || count == 2) next_masks[(2*t+1)*Width+i] = 1'b1;
          carry = (count == 3) || (count == 2 && carry);
        end
      end
      for (i = 0; i < Left * Width; i = i + 1) begin
        if (m[3*Triples*Width+i]) next_masks[2*Triples*Width+i] = 1'b1;
      end
    end
  endfunction

  if (Rows == 2) begin : gen_two
    assign sum_o = rows_i[0 +: Width];
    assign carry_o = rows_i[Width +: Width];
  end else begin : gen_level
    localparam logic [Next*Width-1:0] NextMasks = next_masks(Masks);
    logic [Next*Width-1:0] next;
    for (genvar t = 0; t < Triples; t++) begin : gen_triple
      carry_save_3to2 #(
        .Width(Width),
        .MaskA(Masks[3*t*Width +: Width]),
        .MaskB(Masks[(3*t+1)*Width +: Width]),
        .MaskC(Masks[(3*t+2)*Width +: Width])
      ) u_compress (
        .a_i(rows_i[3*t*Width +: Width]),
        .b_i(rows_i[(3*t+1)*Width +: Width]),
        .c_i(rows_i[(3*t+2)*Width +: Width]),
        .sum_o(next[2*t*Width +: Width]),
        .carry_o(next[(2*t+1)*Width +: Width])
      );
    end
    if (Left > 0) begin : gen_left
      assign next[2*Triples*Width +: Left*Width] = rows_i[3*Triples*Width +: Left*Width];
    end
    carry_save_tree #(.Rows(Next), .Width(Width), .Masks(NextMasks)) u_next (
      .rows_i(next), .sum_o(sum_o), .carry_o(carry_o)
    );
  end
`endif
  `MIXPE_ASSERT_PARAM(TwoRowsAtLeast, Rows >= 2)
endmodule
