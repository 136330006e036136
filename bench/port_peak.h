#pragma once
// What the multiplier ports of this core do at best: twelve independent chains of one instruction
// (two ports x 5 cycles of latency need ten), no memory. In assembly, so that the compiler neither
// spills nor drops them. Each probe returns the MACs it made; the instructions are the caller's to
// have checked for (models/kernels/isa.h).

#include <cstdint>

namespace mixpe::bench {

inline constexpr std::int64_t kProbeRounds = 20000;

// `r` is the register class (ymm, zmm), `op` maps a register to one instruction of its chain.
#define MIXPE_TWELVE(op, r)                                                                 \
  op(r "0") op(r "1") op(r "2") op(r "3") op(r "4") op(r "5") op(r "6") op(r "7") op(r "8") \
      op(r "9") op(r "10") op(r "11")
#define MIXPE_PROBE(name, r, macs, op)                                                        \
  inline double name() {                                                                      \
    std::int64_t rounds = kProbeRounds;                                                       \
    asm volatile("vzeroall\n"                                                               \
                 "1:\n\t" MIXPE_TWELVE(op, r) "dec %0\n\t"                                  \
                 "jnz 1b\n\t"                                                               \
                 "vzeroupper"                                                               \
                 : "+r"(rounds)                                                             \
                 :                                                                          \
                 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",  \
                   "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc"); \
    return static_cast<double>((macs)*12 * kProbeRounds);                                     \
  }

#define MIXPE_DPBUSD(reg) "vpdpbusd %%zmm12, %%zmm13, %%" reg "\n\t"
#define MIXPE_DPWSSD(reg) "vpdpwssd %%zmm12, %%zmm13, %%" reg "\n\t"
#define MIXPE_FMA512(reg) "vfmadd231ps %%zmm12, %%zmm13, %%" reg "\n\t"
#define MIXPE_FMA256(reg) "vfmadd231ps %%ymm12, %%ymm13, %%" reg "\n\t"
#define MIXPE_MADDUBS(reg) "vpmaddubsw %%ymm12, %%" reg ", %%" reg "\n\t"
#define MIXPE_MADDWD(reg) "vpmaddwd %%ymm12, %%" reg ", %%" reg "\n\t"

MIXPE_PROBE(vnni_bytes_peak, "zmm", 64, MIXPE_DPBUSD)
MIXPE_PROBE(vnni_words_peak, "zmm", 32, MIXPE_DPWSSD)
MIXPE_PROBE(fma512_peak, "zmm", 16, MIXPE_FMA512)
MIXPE_PROBE(fma256_peak, "ymm", 8, MIXPE_FMA256)
/// Products only: their 16-bit (32-bit) sums are not yet added up.
MIXPE_PROBE(maddubs_peak, "ymm", 32, MIXPE_MADDUBS)
MIXPE_PROBE(madd_words_peak, "ymm", 16, MIXPE_MADDWD)

}  // namespace mixpe::bench
