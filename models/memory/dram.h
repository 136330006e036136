#pragma once
// DRAM energy per bit moved, until commands are modelled one by one.

namespace mixpe {

struct DramEnergy {
  double pj_per_bit = 0;  ///< either direction, activation, I/O and background included

  double pj_per_byte() const { return 8.0 * pj_per_bit; }
};

}  // namespace mixpe
