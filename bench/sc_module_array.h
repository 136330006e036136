#pragma once
// The obvious SystemC model of an output-stationary array, kept as a yardstick only: one sc_module
// for each PE, registers as signals. W4A8 MAC, operands with their valid bits, capture of a group's
// sum into a shadow register and the shift down the column, as the cycle engine has them.

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace mixpe::bench {

/// What travels with an activation: the capture bit marks the first product of a group.
struct Stream {
  std::int8_t act = 0;
  bool valid = false, first = false;
  bool operator==(const Stream&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Stream& s) { return out << int{s.act}; }
  friend void sc_trace(sc_core::sc_trace_file*, const Stream&, const std::string&) {}
};

struct ScPe : sc_core::sc_module {
  sc_core::sc_in<bool> clk_i;
  sc_core::sc_in<Stream> act_i;
  sc_core::sc_in<std::uint8_t> weight_i;
  sc_core::sc_in<std::int32_t> shadow_i;
  sc_core::sc_out<Stream> act_o;
  sc_core::sc_out<std::uint8_t> weight_o;
  sc_core::sc_out<std::int32_t> shadow_o;

  SC_HAS_PROCESS(ScPe);
  explicit ScPe(sc_core::sc_module_name name) : sc_module(name) {
    SC_METHOD(clock);
    sensitive << clk_i.pos();
    dont_initialize();
  }

 private:
  void clock() {
    const Stream act = act_i.read();
    const std::uint8_t weight = weight_i.read();
    const bool capture = act.valid && act.first;
    shadow_o.write(capture ? sum_ : shadow_i.read());
    if (act.valid) sum_ = (capture ? 0 : sum_) + act.act * weight;
    act_o.write(act);
    weight_o.write(weight);
  }
  std::int32_t sum_ = 0;
};

/// size x size PEs, fed at the edges with the skewed stream of endless groups.
class ScModuleArray : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(ScModuleArray);
  ScModuleArray(sc_core::sc_module_name name, int size, int group)
      : sc_module(name), size_(size), group_(group), clk_("clk", 1, sc_core::SC_NS) {
    const auto count = static_cast<std::size_t>(size * (size + 1));
    act_ = std::vector<sc_core::sc_signal<Stream>>(count);
    weight_ = std::vector<sc_core::sc_signal<std::uint8_t>>(count);
    shadow_ = std::vector<sc_core::sc_signal<std::int32_t>>(count);
    for (int r = 0; r < size; ++r) {
      for (int c = 0; c < size; ++c) {
        pes_.push_back(std::make_unique<ScPe>(("pe_" + std::to_string(r * size + c)).c_str()));
        ScPe& pe = *pes_.back();
        pe.clk_i(clk_);
        pe.act_i(act(r, c));
        pe.act_o(act(r, c + 1));
        pe.weight_i(down(weight_, r, c));
        pe.weight_o(down(weight_, r + 1, c));
        pe.shadow_i(down(shadow_, r, c));
        pe.shadow_o(down(shadow_, r + 1, c));
      }
    }
    SC_METHOD(feed);
    sensitive << clk_.posedge_event();
    dont_initialize();
  }

  static void run(std::int64_t cycles) {
    sc_core::sc_start(static_cast<double>(cycles), sc_core::SC_NS);
  }
  /// Sum of what has come out below, so that nothing is dead code.
  std::int64_t checksum() const { return checksum_; }

 private:
  sc_core::sc_signal<Stream>& act(int r, int c) {
    return act_[static_cast<std::size_t>(r * (size_ + 1) + c)];
  }
  template <typename T>
  sc_core::sc_signal<T>& down(std::vector<sc_core::sc_signal<T>>& signals, int r, int c) {
    return signals[static_cast<std::size_t>(r * size_ + c)];
  }

  void feed() {
    for (int i = 0; i < size_; ++i) {
      const std::int64_t step = cycle_ - i;  // row and column i are i cycles late
      const bool valid = step >= 0;
      const auto value = static_cast<std::uint64_t>(step) * 0x9e3779b97f4a7c15U;
      act(i, 0).write({static_cast<std::int8_t>(value >> 56), valid, valid && step % group_ == 0});
      down(weight_, 0, i).write(valid ? static_cast<std::uint8_t>(value >> 50 & 15) : 0);
      checksum_ += down(shadow_, size_, i).read();
    }
    ++cycle_;
  }

  int size_, group_;
  sc_core::sc_clock clk_;
  std::vector<sc_core::sc_signal<Stream>> act_;
  std::vector<sc_core::sc_signal<std::uint8_t>> weight_;
  std::vector<sc_core::sc_signal<std::int32_t>> shadow_;
  std::vector<std::unique_ptr<ScPe>> pes_;
  std::int64_t cycle_ = 0, checksum_ = 0;
};

}  // namespace mixpe::bench
