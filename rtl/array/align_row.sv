`include "mixpe_assert.svh"

// The edge of one row of an output-stationary array whose PEs take aligned activations: the exponent
// scan of the segment to come, and the aligner of the one that streams.
//  * A segment is scanned from first_i of the one before on, and may stream (first_i) in the cycle after
//    its last scan step. aligned_o belongs to act_i, in the same cycle.
//  * exponent_o: largest biased exponent of the segment that streams.
module align_row (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        scan_valid_i,
  input  logic        scan_first_i,
  input  logic [15:0] scan_act_i,
  input  logic        first_i,
  input  logic [15:0] act_i,
  output logic [18:0] aligned_o,
  output logic [4:0]  exponent_o
);
  logic [4:0] scanned, streaming_q;
  exponent_scan u_scan (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(scan_valid_i), .first_i(scan_first_i),
    .act_i(scan_act_i), .exponent_o(scanned)
  );
  assign exponent_o = first_i ? scanned : streaming_q;
  always_ff @(posedge clk_i) if (first_i) streaming_q <= scanned;
  fp16_align u_align (.act_i(act_i), .largest_i(exponent_o), .aligned_o(aligned_o));

  // A scanned segment that does not stream yet.
  logic ahead_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ahead_q <= 1'b0;
    else ahead_q <= (scan_valid_i & scan_first_i) | (ahead_q & ~first_i);
  end
  `MIXPE_ASSERT(SegmentHasBeenScanned, !first_i || ahead_q)
  `MIXPE_ASSERT(OneSegmentAhead, !(scan_valid_i && scan_first_i && ahead_q && !first_i))
endmodule
