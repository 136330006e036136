#include <fmt/format.h>

#include "sim/mapping/tiling.h"
#include "sim/report/report.h"
#include "sim/report/table.h"

namespace mixpe {

std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string layers_csv_header(const std::vector<std::string>& extra) {
  std::string line;
  for (const std::string& name : extra) line += csv_field(name) + ",";
  line +=
      "phase,layer,op,m,n,k,batch,count,scheme,mode,dense_macs,useful_macs,executed_macs,tile_m,"
      "tile_n,tile_k,loop_order,tiles,cycles,bound,energy_pj,dram_read_bytes,dram_write_bytes";
  for (const NamedCycles& c : named_causes({})) line += fmt::format(",{}_cycles", c.name);
  return line + ",digest,snr_db,overflows\n";
}

std::string layers_csv_rows(const RunResult& result, const std::vector<std::string>& extra) {
  std::string prefix;
  for (const std::string& value : extra) prefix += csv_field(value) + ",";
  std::string text;
  for (const LayerResult& l : result.layers) {
    const Gemm& g = l.gemm;
    text += prefix;
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
                    csv_field(l.phase), csv_field(g.layer), csv_field(g.op), g.m, g.n, g.k, g.batch,
                    g.count, csv_field(g.scheme), l.mode, g.dense_macs(), g.useful_macs(),
                    l.executed_macs, l.tiling.m, l.tiling.n, l.tiling.k, order_name(l.tiling.order),
                    l.tiles, l.cycles, l.bound, shortest(l.energy.total_pj),
                    l.counters[Event::kDramReadBytes], l.counters[Event::kDramWriteBytes]);
    for (const NamedCycles& c : named_causes(l.causes)) text += fmt::format(",{}", c.cycles);
    text += l.values ? fmt::format(",{},{},{}\n", digest_text(l.values->digest),
                                   shortest(l.values->snr_db), l.values->overflows)
                     : std::string(",,,\n");
  }
  return text;
}

}  // namespace mixpe
