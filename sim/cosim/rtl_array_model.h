#pragma once
// One Verilated array: its ports as buses, a clock at a time.
//  * A copy is a simulated array of its own in the same state: registers are saved and restored.
//  * An assertion that fails in the RTL is an InvariantError with the RTL's own words.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/cosim/rtl_library.h"
#include "sim/cosim/verilate.h"

namespace mixpe {

/// A port of equal elements side by side, element 0 lowest.
struct RtlBus {
  std::string port;
  std::int64_t count = 1;  ///< elements
  int bits = 1;            ///< of one, at most 64
  bool output = false;
  std::size_t word = 0;  ///< where it begins, in words of 64 bits among the inputs or the outputs
};

/// An array's library: flat_shim() and what an RtlArrayModel needs beside it.
std::string rtl_array_shim(const std::vector<RtlPort>& ports, Waves waves);

class RtlArrayModel {
 public:
  /// An array as after reset. `ports`: those of the shim.
  RtlArrayModel(std::shared_ptr<const RtlLibrary> library, const std::vector<RtlPort>& ports);
  RtlArrayModel(const RtlArrayModel& other);
  RtlArrayModel& operator=(const RtlArrayModel&) = delete;
  RtlArrayModel(RtlArrayModel&&) = default;
  ~RtlArrayModel();

  /// A port of the list as elements of so many bits.
  RtlBus bus(const std::string& port, int element_bits = 1) const;

  void put(const RtlBus& bus, std::int64_t element, std::uint64_t value);
  std::uint64_t get(const RtlBus& bus, std::int64_t element) const;
  std::int64_t count_ones(const RtlBus& bus) const;
  /// Takes the inputs at a rising edge; the outputs are then those of this cycle.
  void clock(std::int64_t cycle);

  /// The PEs' running sums, row by row: bits of the register (show_registers()).
  void read_sums(std::uint32_t* sums) const;

  /// From now on this model's signals go to the file, but not its copies'. The library must have
  /// been made with waves. A cycle lasts 10 units of time.
  void open_waves(const std::string& file);

 private:
  using Run = std::int64_t(void*, std::int64_t, const std::uint64_t*, std::uint64_t*,
                           std::uint64_t*);
  using Restore = bool(void*, void*);
  using RunWaves = bool(void*, std::uint64_t, const std::uint64_t*, std::uint64_t*);
  /// Shared by all copies: models that are not in use.
  using Pool = std::vector<std::unique_ptr<RtlInstance>>;

  void check(bool ran) const;

  std::vector<RtlPort> ports_;
  std::shared_ptr<const RtlLibrary> library_;
  std::shared_ptr<Pool> pool_;
  std::unique_ptr<RtlInstance> instance_;
  Run* run_;
  RunWaves* run_waves_ = nullptr;
  std::vector<std::uint64_t> in_, out_;
};

}  // namespace mixpe
