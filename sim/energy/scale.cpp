#include "sim/energy/scale.h"

#include <algorithm>
#include <array>

#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace {

constexpr double kLeastUncertainty = 60;

/// Area relative to 45 nm; energy relative to others is a V^2 + b V + c.
struct Node {
  double nm, area, a, b, c;
  double energy(double v) const { return a * v * v + b * v + c; }
};
constexpr std::array<Node, 10> kNodes{{{130, 6.4, 7.171, -6.709, 2.904},
                                       {90, 2.8, 4.762, -4.781, 2.092},
                                       {65, 1.5, 3.755, -4.398, 1.975},
                                       {45, 1, 1.103, -0.362, 0.2767},
                                       {32, 0.46, 0.9559, -0.7823, 0.471},
                                       {20, 0.21, 0.373, -0.1582, 0.04104},
                                       {16, 0.19, 0.2958, -0.1241, 0.03024},
                                       {14, 0.17, 0.2363, -0.09675, 0.02239},
                                       {10, 0.10, 0.2068, -0.09311, 0.02375},
                                       {7, 0.059, 0.1776, -0.09097, 0.02447}}};

const Node* find_node(double nm) {
  const auto at =
      std::find_if(kNodes.begin(), kNodes.end(), [nm](const Node& n) { return n.nm == nm; });
  return at == kNodes.end() ? nullptr : &*at;
}

class Scaler {
 public:
  Scaler(const ProcessScale& scale, std::string remark)
      : scale_(scale), remark_(std::move(remark)) {}

  void run(TechTable& tech) const {
    scale(tech.logic);
    for (auto& [name, file] : tech.pes) scale(file);
    for (auto& [name, file] : tech.modules) scale(file);
    for (SramRow& row : tech.sram.rows) {
      for (double& pj : row.read_pj) pj *= scale_.energy;
      for (double& pj : row.write_pj) pj *= scale_.energy;
      row.leakage_mw *= scale_.energy;
      row.area_mm2 *= scale_.area;
    }
    note(tech.sram_origin);
  }

 private:
  void note(Origin& origin) const {
    origin.source += remark_;
    origin.method = Method::kDerived;
    origin.uncertainty_pct = std::max(origin.uncertainty_pct, kLeastUncertainty);
  }
  static void scale(Switching& s, double factor) {
    s.zero_delay *= factor;
    s.glitch *= factor;
  }
  void scale(LogicConstants& logic) const {
    const double per_area = scale_.energy / scale_.area;
    logic.flop_area_um2 *= scale_.area;
    logic.flop_clock_fj *= scale_.energy;
    scale(logic.flop_data_fj, scale_.energy);
    logic.register_bit_area_um2 *= scale_.area;
    scale(logic.register_bit_shift_fj, scale_.energy);
    logic.leakage_nw_per_um2 *= per_area;
    scale(logic.integer_fj_per_um2, per_area);
    scale(logic.float_fj_per_um2, per_area);
    for (Origin* origin : {&logic.flop, &logic.register_bit, &logic.leakage, &logic.integer_logic,
                           &logic.float_logic}) {
      note(*origin);
    }
  }
  void scale(PartFile& file) const {
    for (Part& part : file.variants) {
      part.area_um2 *= scale_.area;
      for (auto& [event, pj] : part.cycle_pj) scale(pj, scale_.energy);
      for (auto& [event, slopes] : part.operands) {
        for (Switching& pj : slopes.pj) scale(pj, scale_.energy);
      }
      for (Term& term : part.combinational_um2) term.amount *= scale_.area;
      for (Extension& e : part.extend) {
        e.area_um2 *= scale_.area;
        scale(e.cycle_pj, scale_.energy);
        note(e.origin);
      }
      note(part.origin);
    }
  }

  ProcessScale scale_;
  std::string remark_;
};

}  // namespace

const std::vector<double>& scaled_nodes() {
  static const std::vector<double> nodes = [] {
    std::vector<double> all;
    for (const Node& n : kNodes) all.push_back(n.nm);
    return all;
  }();
  return nodes;
}

std::optional<ProcessScale> scale_between(const ProcessPoint& from, const ProcessPoint& to) {
  const Node *a = find_node(from.node_nm), *b = find_node(to.node_nm);
  if (a == nullptr || b == nullptr) return std::nullopt;
  return ProcessScale{b->area / a->area, b->energy(to.voltage_v) / a->energy(from.voltage_v)};
}

void scale_tech(TechTable& tech, const ProcessPoint& to, const ProcessScale& scale) {
  const std::string remark = "; scaled from " + number_text(tech.node_nm) + " to " +
                             number_text(to.node_nm) + " nm after Stillmaker and Baas 2017";
  Scaler(scale, remark).run(tech);
  tech.source += remark;
  tech.node_nm = to.node_nm;
  tech.voltage_v = to.voltage_v;
}

}  // namespace mixpe
