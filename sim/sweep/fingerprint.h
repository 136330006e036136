#pragma once
// Content hashes: equal inputs, equal results.
//  * Structured bindings name every member, so that a member added to one of these structs does not
//    compile until it is decided here whether results depend on it.

#include <array>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/mapping/search.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// 122 bits of SHA-1.
inline boost::uuids::uuid content_hash(std::string_view content) {
  return boost::uuids::name_generator_sha1(boost::uuids::ns::oid())(content.data(), content.size());
}

/// Bytes that differ when anything added to it differs.
class Fingerprint {
 public:
  const std::string& bytes() const { return bytes_; }

  template <class... T>
  void add(const T&... all) {
    (put(all), ...);
  }

 private:
  template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  template <class T>
  void put(const std::vector<T>& all) {
    put(all.size());
    for (const T& one : all) put(one);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& all) {
    for (const T& one : all) put(one);
  }
  template <class T>
  void put(const std::optional<T>& maybe) {
    put(maybe.has_value());
    if (maybe) put(*maybe);
  }
  void put(const Format& f) {
    const auto& [kind, bits, exponent, fraction] = f;
    add(kind, bits, exponent, fraction);
  }
  void put(const ScaleSpec& s) {
    const auto& [k, type, apply, n] = s;
    add(k, type, apply, n);
  }
  void put(const ZeroSpec& z) {
    const auto& [k, type, apply, stored] = z;
    add(k, type, apply, stored);
  }
  void put(const WeightQuant& w) {
    const auto& [store, mac, convert, scales, zero] = w;
    add(store, mac, convert, scales, zero);
  }
  void put(const ActQuant& a) {
    const auto& [store, token_scale] = a;
    add(store, token_scale);
  }
  void put(const GemmQuant& q) {
    const auto& [weight, act, out, metadata, block] = q;
    add(weight, act, out, metadata, block);
  }
  void put(const Gemm& g) {
    const auto& [layer, op, m, n, k, batch, count, quant, role, head_dim, scheme, causal,
                 rows_per_token, causal_offset, act_k_pitch, wgt_k_pitch, at] = g;
    // Where it was written is no part of it, nor is the name of its scheme.
    add(layer, op, m, n, k, batch, count, quant, role, head_dim, causal, rows_per_token,
        causal_offset, act_k_pitch, wgt_k_pitch);
  }
  void put(const Workload& w) {
    const auto& [name, scheme, llm, phase, tokens, notes, quants, gemms] = w;
    add(phase, tokens, quants, gemms);
  }
  void put(const BufferSpec& b) {
    const auto& [bytes, banks, width] = b;
    add(bytes, banks, width);
  }
  void put(const ArrayTiming& t) {
    const auto& [dataflow, rows, cols, lanes_m, lanes_n, lanes_k, ii, edge_ii, merge, product,
                 add_latency, prescan, overlap, edge_tiles, double_buffering, row_cycles,
                 accumulator_rows, accumulator_cycles, drain, accumulate, latency] = t;
    add(dataflow, rows, cols, lanes_m, lanes_n, lanes_k, ii, edge_ii, merge, product, add_latency,
        prescan, overlap, edge_tiles, double_buffering, row_cycles, accumulator_rows,
        accumulator_cycles, drain, accumulate, latency);
  }
  void put(const TransferRate& r) {
    const auto& [clock, bandwidth, latency] = r;
    add(clock, bandwidth, latency);
  }
  void put(const GemmTask& t) {
    // One run of it: neither which layer it is, nor how often it is repeated.
    const auto& [gemm, m, n, k, batch, count, useful, segment, act_pitch, wgt_pitch] = t;
    add(m, n, k, batch, segment, act_pitch, wgt_pitch);
  }
  void put(const GemmProblem& p) {
    const auto& [task, quant, array, act, wgt, out, memory, clock] = p;
    add(task, quant, array, act, wgt, out, memory, clock);
  }
  void put(const MappingSpec& m) {
    const auto& [given, tile_m, tile_n, tile_k, at, order, slack] = m;
    add(given, tile_m, tile_n, tile_k, order, slack);
  }

  std::string bytes_;
};

}  // namespace mixpe
