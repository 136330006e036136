`include "mixpe_assert.svh"

// The edge of a weight-stationary array whose PEs take aligned activations: a step brings elements of
// one output row, whose segment spans K-tiles. The scan finds the largest exponent of each output row in
// the segment to come, the aligner shifts those of the step that streams.
//  * first: a K-tile's first step; begin: every step of a K-tile that begins a segment.
//  * A segment is scanned from the first step of the one before on, and may stream in the cycle after its
//    last scan step. aligned_o belongs to act_i, in the same cycle.
//  * exponent_o: largest biased exponent in the segment of the output row that streams.
module align_steps #(
  parameter int Rows = 4,
  parameter int AccumulatorRows = 16
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               scan_valid_i,
  input  logic               scan_first_i,
  input  logic               scan_begin_i,
  input  logic [Rows*16-1:0] scan_act_i,
  input  logic               valid_i,
  input  logic               first_i,
  input  logic               begin_i,
  input  logic [Rows*16-1:0] act_i,
  output logic [Rows*19-1:0] aligned_o,
  output logic [4:0]         exponent_o
);
  localparam int RowBits = (AccumulatorRows > 1) ? $clog2(AccumulatorRows) : 1;

  // Exponents of two segments: the one that is scanned and the one that streams.
  logic [4:0] exponents [2*(1<<RowBits)];

  // ---- The output row and bank of each side.
  logic               scan_bank, scan_bank_q, bank, bank_q;
  logic [RowBits-1:0] scan_row, scan_row_q, row, row_q;
  assign scan_bank = scan_bank_q ^ (scan_valid_i & scan_first_i & scan_begin_i);
  assign bank = bank_q ^ (valid_i & first_i & begin_i);
  assign scan_row = scan_first_i ? '0 : scan_row_q;
  assign row = first_i ? '0 : row_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {scan_bank_q, bank_q} <= 2'b00;
    else {scan_bank_q, bank_q} <= {scan_bank, bank};
  end
  always_ff @(posedge clk_i) begin
    if (scan_valid_i) scan_row_q <= scan_row + 1'b1;
    if (valid_i) row_q <= row + 1'b1;
  end

  // ---- Scan: the largest of the step's exponents and that of the K-tiles before.
  logic [(Rows+1)*5-1:0] candidates;
  logic [4:0]            running;
  assign candidates[Rows*5 +: 5] = scan_begin_i ? 5'd1 : exponents[{scan_bank, scan_row}];
  for (genvar r = 0; r < Rows; r++) begin : gen_scan
    logic [4:0] exponent;
    logic       inf, nan;
    fp_unpack #(.ExpBits(5), .FracBits(10)) u_unpack (
      .code_i(scan_act_i[r*16 +: 16]), .negative_o(), .exponent_o(exponent), .significand_o(),
      .zero_o(), .inf_o(inf), .nan_o(nan)
    );
    assign candidates[r*5 +: 5] = (inf | nan) ? 5'd1 : exponent;
  end
  largest #(.Count(Rows + 1), .Width(5)) u_largest (
    .values_i(candidates), .largest_o(running)
  );
  always_ff @(posedge clk_i) begin
    if (scan_valid_i) exponents[{scan_bank, scan_row}] <= running;
  end

  // ---- Align.
  assign exponent_o = exponents[{bank, row}];
  for (genvar r = 0; r < Rows; r++) begin : gen_align
    fp16_align u_align (
      .act_i(act_i[r*16 +: 16]), .largest_i(exponent_o), .aligned_o(aligned_o[r*19 +: 19])
    );
  end

  // A scanned segment that does not stream yet.
  logic ahead_q, scan_begins, begins;
  assign scan_begins = scan_valid_i & scan_first_i & scan_begin_i;
  assign begins = valid_i & first_i & begin_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ahead_q <= 1'b0;
    else ahead_q <= scan_begins | (ahead_q & ~begins);
  end
  `MIXPE_ASSERT(SegmentHasBeenScanned, !begins || ahead_q)
  `MIXPE_ASSERT(OneSegmentAhead, !(scan_begins && ahead_q && !begins))
endmodule
