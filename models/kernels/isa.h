#pragma once
// Which instruction set a kernel runs on. Chosen at run time: the binary is built for the baseline
// CPU, and every choice gives the same bits.

#include <string_view>

namespace mixpe {

enum class Isa {
  kPortable,  ///< plain C++
  kAvx2,      ///< AVX2 and FMA
  kAvx512,    ///< AVX-512 F, BW and VNNI
};

/// True if this CPU, and what emulates it, can run kernels of `isa`.
bool supported(Isa isa);
/// The widest supported one.
Isa best_isa();
std::string_view isa_name(Isa isa);

}  // namespace mixpe
