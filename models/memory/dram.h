#pragma once
// DRAM energy per bit moved, until commands are modelled one by one.

namespace mixpe {

struct DramEnergy {
  double pj_per_bit = 0;        ///< activation, I/O and background included
  double write_pj_per_bit = 0;  ///< 0: as read

  double pj_per_byte() const { return 8.0 * pj_per_bit; }
  double write_pj_per_byte() const {
    return 8.0 * (write_pj_per_bit > 0 ? write_pj_per_bit : pj_per_bit);
  }
};

}  // namespace mixpe
