// Sums of FP32 numbers that are multiples of 2^-48, as products of FP16 numbers are, are such multiples, and so
// are 0 or have an exponent of -48 or more. (Wrong: of 2^-47.)
module addition_keeps_the_grid #(
  parameter bit Wrong = 1'b0
) (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic        holds_o
);
  // Exponent field e: the lowest fraction bit has 2^(e-150), the leading one 2^(e-127).
  function automatic logic on_grid(input logic [30:0] magnitude, input logic [7:0] place);
    on_grid = ~|magnitude |
        (magnitude[30:23] >= place - 8'd23 &
         ~|(magnitude[22:0] & ~(23'h7fffff << (magnitude[30:23] >= place ? 8'd0 : place - magnitude[30:23]))));
  endfunction
  logic [31:0] sum;
  fp32_add #(.Latency(1)) u_dut (
    .clk_i(1'b0), .rst_ni(1'b1), .a_i(a_i), .b_i(b_i), .sum_o(sum)
  );
  assign holds_o = ~on_grid(a_i[30:0], 8'd102) | ~on_grid(b_i[30:0], 8'd102) |
      on_grid(sum[30:0], 8'd102 + {7'd0, Wrong});
endmodule
