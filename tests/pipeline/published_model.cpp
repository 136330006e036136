#include "tests/pipeline/published_model.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

namespace mixpe::testing {
namespace {

using Int = std::int64_t;

Int ceil_div(Int a, Int b) { return (a + b - 1) / b; }

/// An array: PEs, widest and narrowest operand of one lane, power of a PE in nW at 500 MHz.
struct Machine {
  Int rows, cols, pmax, pmin;
  double leakage_nw, dynamic_nw;
  Int lanes(Int bits) const { return pmax / std::max(bits, pmin); }
  double pes() const { return static_cast<double>(rows * cols); }
};
const std::map<std::string, Machine> kMachines = {
    {"mixpe-w4a8", {64, 64, 8, 4, 64314, 279960}},    {"ant", {32, 32, 8, 4, 64314, 279960}},
    {"bitfusion", {32, 40, 8, 4, 64314, 279960}},     {"int8", {32, 32, 8, 4, 64314, 279960}},
    {"mixpe-w4a16", {32, 32, 16, 8, 128458, 544982}}, {"fp16", {32, 28, 16, 16, 192942, 839982}}};

constexpr double kHz = 500e6;
constexpr Int kDramBitsPerCycle = 1024, kOutBits = 16;
/// Half of each buffer, in bits: the other half is being filled.
constexpr Int kKib = 8192, kWgtHalf = 128 * kKib / 2, kActHalf = 256 * kKib / 2,
              kOutHalf = 128 * kKib / 2;

/// One layer: outputs b * o * o by n along k = window * channels; both operands of `bits`.
struct Layer {
  Int b, o, window, channels, n, bits;
  Int count = 1;
};

enum Loop { kB, kOw, kOh, kIc, kOc };
using Order = std::array<Loop, 5>;  // outermost first

struct Tile {
  std::array<Int, 5> size, trips;
};

struct Traffic {
  Int cycles = 0, stalls = 0, read_bits = 0, written_bits = 0;
  Int act_filled = 0, wgt_filled = 0;  ///< bits written to the buffers
  Int operand_bits = 0, out_written = 0, out_read = 0;
};

/// What one namespace moves as the loops around its tile go round: its tile stays in the buffer
/// over further loops as long as it fits ("promotion").
class Stream {
 public:
  Stream(Int bits, Int half) : bits_(bits), first_(bits), half_(half) {}
  void around(bool depends, Int trips) {
    if (!promoted_) {
      bits_ *= trips;
    } else if (depends) {
      bits_ *= trips;
      promoted_ = bits_ <= half_;
      if (promoted_) first_ = bits_;
    }
  }
  Int bits() const { return bits_; }
  Int first() const { return first_; }  ///< exposed: nothing to hide it behind
  bool promoted() const { return promoted_; }

 private:
  Int bits_, first_, half_;
  bool promoted_ = true;
};

/// None if the tile does not fit.
std::optional<Traffic> traffic(const Machine& m, const Layer& l, const Tile& t,
                               const Order& order) {
  const auto [b, ow, oh, ic, oc] = t.size;
  const Int lanes = m.lanes(l.bits), k = l.window * ic;
  // The tile's k is padded to the array's rows for weights and to its columns for activations.
  Stream wgt(ceil_div(k, m.rows * lanes) * m.rows * lanes * oc * l.bits, kWgtHalf);
  Stream act(ow * oh * ceil_div(k, m.cols * lanes) * m.cols * lanes * b * l.bits, kActHalf);
  if (wgt.bits() > kWgtHalf || act.bits() > kActHalf) return std::nullopt;
  Stream out(ow * oh * oc * b * kOutBits, kOutHalf);
  Int last_out = out.bits();
  for (std::size_t i = order.size(); i-- > 0;) {
    const Loop loop = order[i];
    const Int trips = t.trips[loop];
    const bool outputs = loop != kIc, batch = loop != kOc, weights = loop == kIc || loop == kOc;
    wgt.around(weights, trips);
    act.around(batch, trips);
    out.around(outputs, trips);
    // As published: once kept over a loop, the last outputs cost no time.
    if (outputs && out.promoted()) last_out = 0;
  }
  Int tiles = 1;
  for (const Int trips : t.trips) tiles *= trips;
  const Int compute =
      tiles * ceil_div(b * ow * oh, m.rows * lanes) * ceil_div(oc, m.cols * lanes) * k;
  const Int outs = tiles * oc * ow * oh * b;
  Traffic r;
  r.read_bits = wgt.bits() + act.bits();
  r.written_bits = out.bits();
  const Int first = wgt.first() + act.first();
  const Int middle = r.read_bits + r.written_bits - first - last_out;
  r.stalls = std::max<Int>(0, ceil_div(middle, kDramBitsPerCycle) - compute) +
             ceil_div(first, kDramBitsPerCycle) + ceil_div(last_out, kDramBitsPerCycle);
  r.cycles = compute + r.stalls;
  r.act_filled = act.bits();
  r.wgt_filled = wgt.bits();
  r.operand_bits = outs * k * l.bits;  // of each operand: read for every MAC
  r.out_written = outs * kOutBits;
  r.out_read = out.bits() + outs * kOutBits;
  return r;
}

double as_double(Int n) { return static_cast<double>(n); }

double buffers_nj(const Traffic& t) {
  const double pj = as_double(t.operand_bits) * (0.0330 + 0.0347) +
                    as_double(t.wgt_filled) * 0.0397 + as_double(t.act_filled) * 0.0486 +
                    as_double(t.out_read) * 0.0092 + as_double(t.out_written) * 0.0130;
  return 1e-3 * pj;
}

double pes_nj(const Machine& m, const Traffic& t) {
  return m.pes() / kHz *
         (as_double(t.cycles) * m.leakage_nw + as_double(t.cycles - t.stalls) * m.dynamic_nw);
}

/// What the search minimises among tiles of equal cycles: other DRAM prices than those reported.
double searched_nj(const Machine& m, const Traffic& t) {
  return as_double(t.cycles) * 3838.05 / 500000 + pes_nj(m, t) + buffers_nj(t) +
         as_double(t.read_bits) * 1.18294 / 1024 + as_double(t.written_bits) * 1.47797 / 1024;
}

PublishedResult reported(const Machine& m, const Traffic& t) {
  return {as_double(t.cycles), as_double(t.cycles) * 484.615 / 500,
          as_double(t.read_bits) * 0.644304 / 1024 + as_double(t.written_bits) * 0.784104 / 1024,
          buffers_nj(t), pes_nj(m, t)};
}

/// Powers of two, and all.
std::vector<Int> sizes(Int all) {
  std::vector<Int> some;
  for (Int s = 1; s < all; s *= 2) some.push_back(s);
  some.push_back(all);
  return some;
}

PublishedResult best(const Machine& m, const Layer& l) {
  std::optional<std::tuple<Int, double>> least;
  Traffic chosen;
  for (const Int b : sizes(l.b)) {
    for (const Int o : sizes(l.o)) {
      for (const Int ic : sizes(l.channels)) {
        for (const Int oc : sizes(l.n)) {
          const Tile tile{{b, o, o, ic, oc},
                          {ceil_div(l.b, b), ceil_div(l.o, o), ceil_div(l.o, o),
                           ceil_div(l.channels, ic), ceil_div(l.n, oc)}};
          // A matrix product has one output position: its two loops are left outermost. The others
          // begin in the order of their permutations.
          const bool product = l.o == 1;
          Order order = product ? Order{kOw, kOh, kB, kIc, kOc} : Order{kB, kOw, kOh, kIc, kOc};
          const auto first = order.begin() + (product ? 2 : 0);
          do {
            const auto t = traffic(m, l, tile, order);
            if (!t) break;
            const std::tuple cost{t->cycles, searched_nj(m, *t)};
            if (least && cost >= *least) continue;
            least = cost;
            chosen = *t;
          } while (std::next_permutation(first, order.end()));
        }
      }
    }
  }
  return reported(m, chosen);
}

struct Network {
  Int hidden, blocks, ant_4bit_blocks;
  bool vit;
};
const std::map<std::string, Network> kNetworks = {{"vit", {768, 12, 10, true}},
                                                  {"vit-huge", {1280, 32, 26, true}},
                                                  {"opt-6.7b", {4096, 32, 26, false}},
                                                  {"llama-2-13b", {5120, 40, 32, false}}};

Layer product(Int k, Int n, Int bits, Int count = 1) { return {64, 1, 1, k, n, bits, count}; }

/// The product that stands for dequantisation.
Layer dequantisation(bool mixpe, Int k, Int n, Int bits, Int count) {
  return mixpe ? product(k / 8, n / 128, bits, count) : product(k, n / 8, bits, count);
}

std::vector<Layer> layers(const Network& net, const std::string& design) {
  const bool mixpe = design.starts_with("mixpe"), wide = kMachines.at(design).pmax == 16;
  const Int high = wide ? 16 : 8, h = net.hidden;
  const Int bits = design == "mixpe-w4a8" ? 4 : design == "fp16" ? 16 : 8;
  std::vector<Layer> all;
  if (net.vit) {
    all.push_back({64, 14, 16 * 16, 3, h, high});
    all.push_back(dequantisation(mixpe, 768, h, high, 1));
  }
  for (const auto& [k, n] : {std::pair{h, 3 * h}, {h, h}, {h, 4 * h}, {4 * h, h}}) {
    Int at_4_bits = 0;
    if (design == "ant") at_4_bits = net.ant_4bit_blocks;
    if (design == "bitfusion" && k == n) at_4_bits = net.blocks / 2;
    all.push_back(product(k, n, bits, net.blocks - at_4_bits));
    if (at_4_bits > 0) all.push_back(product(k, n, 4, at_4_bits));
    all.push_back(dequantisation(mixpe, k, n, high, net.blocks));
  }
  return all;
}

}  // namespace

PublishedResult& PublishedResult::operator+=(const PublishedResult& o) {
  cycles += o.cycles;
  static_nj += o.static_nj;
  dram_nj += o.dram_nj;
  buffers_nj += o.buffers_nj;
  pes_nj += o.pes_nj;
  return *this;
}

PublishedResult PublishedResult::times(double n) const {
  return {cycles * n, static_nj * n, dram_nj * n, buffers_nj * n, pes_nj * n};
}

PublishedResult published_model(const std::string& network, const std::string& design) {
  PublishedResult sum;
  for (const Layer& l : layers(kNetworks.at(network), design)) {
    sum += best(kMachines.at(design), l).times(as_double(l.count));
  }
  return sum;
}

}  // namespace mixpe::testing
