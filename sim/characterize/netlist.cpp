#include "sim/characterize/netlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "models/core/errors.h"

namespace mixpe {
namespace {

using Json = nlohmann::json;

constexpr const char* kClock = "clk_i";

class NetlistReader {
 public:
  explicit NetlistReader(const CellLibrary& library) : library_(library) {}

  Netlist run(const Json& module) {
    for (const auto& [name, port] : module.at("ports").items()) {
      Netlist::Port& p = netlist_.ports.emplace_back();
      p.name = name;
      p.output = port.at("direction") == "output";
      for (const Json& bit : port.at("bits")) p.bits.push_back(net(bit));
      if (name == kClock) netlist_.clock = p.bits.at(0);
    }
    for (const auto& [name, cell] : module.at("cells").items()) read_instance(name, cell);
    return std::move(netlist_);
  }

 private:
  /// Numbers of their own for yosys' nets; "0", "1" and "x", which may be either.
  NetId net(const Json& bit) {
    if (bit.is_string()) return bit == "1" ? Netlist::kOne : Netlist::kZero;
    const auto [at, fresh] = nets_.try_emplace(bit.get<std::int64_t>(), netlist_.nets);
    if (fresh) ++netlist_.nets;
    return at->second;
  }

  void read_instance(const std::string& name, const Json& cell) {
    const std::string type = cell.at("type").get<std::string>();
    const Cell* found = library_.find(type);
    if (found == nullptr) {
      throw UserError(
          fmt::format("{}: the mapped netlist needs {}, which is no gate or flip-flop of {}",
                      library_.file, type, library_.name));
    }
    Netlist::Instance instance{found, {}, {}};
    const Json& connections = cell.at("connections");
    const auto pin = [&](const std::string& pin_name) {
      const auto at = connections.find(pin_name);
      return at == connections.end() || at->empty() ? Netlist::kNone : net(at->at(0));
    };
    for (const CellInput& in : found->inputs) {
      const NetId id = pin(in.name);
      instance.inputs.push_back(id == Netlist::kNone ? Netlist::kZero : id);
    }
    for (const CellOutput& out : found->outputs) instance.outputs.push_back(pin(out.name));
    if (found->flop && instance.inputs[found->flop->clock] != netlist_.clock) {
      throw UserError(fmt::format("{} is clocked by something else than {}", name, kClock));
    }
    netlist_.instances.push_back(std::move(instance));
  }

  const CellLibrary& library_;
  Netlist netlist_;
  std::map<std::int64_t, NetId> nets_;
};

}  // namespace

const Netlist::Port* Netlist::port(std::string_view name) const {
  for (const Port& p : ports) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

double Netlist::area_um2() const {
  double sum = 0;
  for (const Instance& i : instances) sum += i.cell->area_um2;
  return sum;
}

double Netlist::flop_area_um2() const {
  double sum = 0;
  for (const Instance& i : instances) sum += i.cell->flop ? i.cell->area_um2 : 0;
  return sum;
}

double Netlist::leakage_nw() const {
  double sum = 0;
  for (const Instance& i : instances) sum += i.cell->leakage_nw;
  return sum;
}

std::size_t Netlist::flops() const {
  return static_cast<std::size_t>(
      std::count_if(instances.begin(), instances.end(),
                    [](const Instance& i) { return i.cell->flop.has_value(); }));
}

Netlist read_netlist(const std::string& json, const std::string& top, const CellLibrary& library) {
  const Json root = Json::parse(json, nullptr, false);
  check_invariant(!root.is_discarded() && root.contains("modules") && root["modules"].contains(top),
                  "yosys wrote no netlist of the module");
  return NetlistReader(library).run(root["modules"][top]);
}

std::vector<std::uint32_t> evaluation_order(const Netlist& netlist) {
  constexpr std::uint32_t kNobody = ~std::uint32_t{0};
  std::vector<std::uint32_t> driver(netlist.nets, kNobody);
  const auto count = static_cast<std::uint32_t>(netlist.instances.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (netlist.instances[i].cell->flop) continue;
    for (const NetId net : netlist.instances[i].outputs) {
      if (net != Netlist::kNone) driver[net] = i;
    }
  }
  std::vector<std::vector<std::uint32_t>> readers(count);
  std::vector<std::size_t> waits(count, 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (netlist.instances[i].cell->flop) continue;
    for (const NetId net : netlist.instances[i].inputs) {
      if (driver[net] == kNobody) continue;
      readers[driver[net]].push_back(i);
      ++waits[i];
    }
  }
  std::vector<std::uint32_t> order;
  std::size_t gates = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (netlist.instances[i].cell->flop) continue;
    ++gates;
    if (waits[i] == 0) order.push_back(i);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (const std::uint32_t reader : readers[order[at]]) {
      if (--waits[reader] == 0) order.push_back(reader);
    }
  }
  if (order.size() != gates) throw UserError("the mapped netlist has a combinational loop");
  return order;
}

}  // namespace mixpe
