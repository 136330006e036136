// Formats and constants shared by all modules (docs/numerics.md).
package mixpe_pkg;
  // The one NaN that leaves a module.
  localparam logic [31:0] Fp32Nan = 32'h7fc0_0000;
  localparam logic [30:0] Fp32Inf = 31'h7f80_0000;  // without the sign
  localparam logic [15:0] Fp16Nan = 16'h7e00;
  localparam logic [14:0] Fp16Inf = 15'h7c00;

  // Infinities and NaN beside an integer sum: flags, in this order of bits.
  localparam int FlagBits = 3;
  localparam int FlagPlusInf = 0;
  localparam int FlagMinusInf = 1;
  localparam int FlagNan = 2;

  // How a floating-point activation is summed with low-bit weights.
  localparam int SumFp32 = 0;
  localparam int SumFixed = 1;
  localparam int SumAligned = 2;

  // An aligned activation: 11 bits of significand, 4 guard bits, a sign.
  localparam int AlignedBits = 16;
  localparam int AlignGuardBits = 4;

  // Exponents inside modules: enough for every format here, with room to add two.
  localparam int ExpBits = 12;
endpackage
