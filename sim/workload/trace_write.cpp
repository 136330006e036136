#include <fmt/format.h>

#include <algorithm>

#include "sim/workload/trace.h"
#include "sim/workload/trace_rows.h"

namespace mixpe {
namespace {

/// A value of the head is one line.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

void add_head(std::string& csv, const char* key, const std::string& value) {
  if (!value.empty()) csv += fmt::format("#: {} = {}\n", key, one_line(value));
}

struct Totals {
  std::int64_t dense = 0, useful = 0;
  GemmTraffic traffic;
};

std::string info_row(const std::string& layer, const std::string& op, const std::string& shape,
                     const Totals& t) {
  const double bytes = static_cast<double>(t.traffic.total());
  const double saved =
      t.dense == 0 ? 0.0
                   : 100.0 * static_cast<double>(t.dense - t.useful) / static_cast<double>(t.dense);
  return fmt::format("{:<11} {:<12} {:<34} {:>20} {:>20} {:>6.2f} {:>16} {:>16} {:>16} {:>9.2f}\n",
                     layer, op, shape, t.dense, t.useful, saved, t.traffic.weight_bytes,
                     t.traffic.act_bytes, t.traffic.out_bytes,
                     bytes == 0 ? 0.0 : static_cast<double>(t.useful) / bytes);
}

}  // namespace

std::string write_trace_csv(const Workload& w) {
  std::string csv;
  add_head(csv, "name", w.name);
  add_head(csv, "llm", w.llm);
  add_head(csv, "phase", w.phase);
  if (w.tokens > 0) add_head(csv, "tokens", std::to_string(w.tokens));
  const bool one_scheme = std::all_of(w.gemms.begin(), w.gemms.end(),
                                      [&](const Gemm& g) { return g.scheme == w.scheme; });
  if (one_scheme) add_head(csv, "scheme", w.scheme);
  for (const std::string& note : w.notes) add_head(csv, "note", note);
  const bool pitch = std::any_of(w.gemms.begin(), w.gemms.end(), [](const Gemm& g) {
    return g.act_k_pitch > 0 || g.wgt_k_pitch > 0;
  });
  csv += "layer,op,role,m,n,k,batch,count,head_dim,causal,rows_per_token,causal_offset";
  if (pitch) csv += ",act_k_pitch,wgt_k_pitch";
  csv += one_scheme ? "\n" : ",scheme\n";
  for (const Gemm& g : w.gemms) {
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}", g.layer, g.op, role_name(g.role), g.m,
                       g.n, g.k, g.batch, g.count, g.head_dim,
                       g.causal == Causal::kNone ? "no" : "yes", g.rows_per_token, g.causal_offset);
    if (pitch) csv += fmt::format(",{},{}", g.act_k_pitch, g.wgt_k_pitch);
    csv += one_scheme ? "\n" : "," + g.scheme + "\n";
  }
  return csv;
}

std::string trace_info(const Workload& w) {
  std::string text =
      fmt::format("{}  (scheme {}; bytes if each operand moves once)\n", w.name, w.scheme);
  text += fmt::format("{:<11} {:<12} {:<34} {:>20} {:>20} {:>6} {:>16} {:>16} {:>16} {:>9}\n",
                      "layer", "op", "m x n x k (x batch x count)", "dense MACs", "useful MACs",
                      "saved%", "weight B", "act B", "out B", "MACs/B");
  Totals all;
  for (const Gemm& g : w.gemms) {
    const Totals one{g.dense_macs(), g.useful_macs(),
                     compulsory_traffic(g, w.quants[static_cast<std::size_t>(g.quant)])};
    all.dense += one.dense;
    all.useful += one.useful;
    all.traffic.weight_bytes += one.traffic.weight_bytes;
    all.traffic.act_bytes += one.traffic.act_bytes;
    all.traffic.out_bytes += one.traffic.out_bytes;
    text += info_row(g.layer, g.op,
                     fmt::format("{} x {} x {} x {} x {}", g.m, g.n, g.k, g.batch, g.count), one);
  }
  text += info_row("total", "", fmt::format("{} GEMMs", w.gemms.size()), all);
  for (const std::string& note : w.notes) text += "note: " + note + "\n";
  return text;
}

}  // namespace mixpe
