#include "sim/config/arch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/config/pe_yaml.h"
#include "sim/config/reference.h"
#include "sim/config/schema.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxSide = 4096;  // PEs per side: beyond any array built or proposed
constexpr std::int64_t kMaxCycles = 1'000'000;
constexpr std::int64_t kMaxLatencyPs = 100'000'000;  // times kMaxClock it still fits 64 bits
constexpr std::int64_t kMinClock = 1'000'000, kMaxClock = 10'000'000'000;
constexpr std::int64_t kMaxBuffer = std::int64_t{1} << 30;
constexpr std::int64_t kMinBandwidth = 1'000'000, kMaxBandwidth = 100'000'000'000'000;
constexpr std::int64_t kMaxTile = std::int64_t{1} << 31;
constexpr std::int64_t kPsPerSecond = 1'000'000'000'000;

constexpr std::array<std::pair<const char*, DequantPlacement>, 3> kPlacements{
    {{"after_group", DequantPlacement::kAfterGroup},
     {"before_array", DequantPlacement::kBeforeArray},
     {"none", DequantPlacement::kNone}}};

const Schema<ArraySpec>& array_schema() {
  static const Schema<ArraySpec> schema =
      Schema<ArraySpec>()
          .integer("rows", &ArraySpec::rows, 1, kMaxSide, Need::kRequired, "rows of PEs")
          .integer("cols", &ArraySpec::cols, 1, kMaxSide, Need::kRequired, "columns of PEs")
          .choice<Dataflow>(
              "dataflow", &ArraySpec::dataflow,
              {{"os", Dataflow::kOutputStationary}, {"ws", Dataflow::kWeightStationary}},
              Need::kRequired, "what stays in a PE: its output (os) or its weight (ws)")
          .choice<Engine>(
              "engine", &ArraySpec::engine,
              {{"tile", Engine::kTile},
               {"cycle", Engine::kCycle},
               {"literal", Engine::kLiteral},
               {"rtl", Engine::kRtl}},
              Need::kOptional,
              "closed form per tile; every PE in every cycle; the literal judge; the hardware "
              "itself, Verilated. All give the same cycles, events and values")
          .boolean("pass_overlap", &ArraySpec::pass_overlap, Need::kOptional,
                   "passes follow back to back; false: every pass fills and drains")
          .choice<EdgeTiles>(
              "edge_tiles", &ArraySpec::edge_tiles,
              {{"padded", EdgeTiles::kPadded}, {"actual", EdgeTiles::kActual}}, Need::kOptional,
              "a pass smaller than the array takes the time of all rows and columns, "
              "or of those in use")
          .boolean("weight_double_buffering", &ArraySpec::weight_double_buffering, Need::kOptional,
                   "ws: the next weights load while the array works")
          .integer("accumulator_rows", &ArraySpec::accumulator_rows, 1, 1 << 20, Need::kOptional,
                   "ws: sums per column that the accumulator memory holds")
          .integer("accumulator_cycles", &ArraySpec::accumulator_cycles, 1, 64, Need::kOptional,
                   "ws: cycles of one read-modify-write of the accumulator memory");
  return schema;
}

const Schema<DequantSpec>& dequant_schema() {
  static const Schema<DequantSpec> schema =
      Schema<DequantSpec>()
          .choice<DequantPlacement>("placement", &DequantSpec::placement,
                                    {kPlacements.begin(), kPlacements.end()}, Need::kRequired,
                                    "where the weights' group scale is applied: on each group's "
                                    "sum, on the weight before the array, or there is none")
          .integer("lanes", &DequantSpec::lanes, 1, kMaxSide * 64, Need::kRequired,
                   "values per cycle from the array to the output buffer; at most one per column")
          .quantity("latency", &DequantSpec::latency_cycles, Dimension::kCycles, 0, 1024,
                    Need::kRequired, "pipeline depth of a lane")
          .quantity("accumulate", &DequantSpec::accumulate_cycles, Dimension::kCycles, 0, 1024,
                    Need::kOptional, "cycles before a lane may add to the same output again")
          .custom(
              {"converters",
               "integer",
               "1..65536",
               {},
               "weights converted per cycle; with placement before_array only, and needed there"},
              Need::kOptional,
              [](const YamlValue& at, DequantSpec& into) {
                if (const auto v = at.integer(1, 65536)) into.converters = *v;
              },
              [](const DequantSpec& from) {
                return from.converters > 0 ? Json(from.converters) : Json();
              });
  return schema;
}

Schema<ArchSpec> buffers_schema() {
  const Schema<BufferSpec> buffer =
      Schema<BufferSpec>()
          .quantity("size", &BufferSpec::bytes, Dimension::kBytes, 64, kMaxBuffer, Need::kRequired,
                    "both halves of the double buffer together")
          .integer("banks", &BufferSpec::banks, 1, 1024, Need::kRequired,
                   "banks, accessed in the same cycle")
          .quantity("width", &BufferSpec::width_bits, Dimension::kBits, 8, 4096, Need::kRequired,
                    "port of one bank, per cycle");
  return Schema<ArchSpec>()
      .object("act", &ArchSpec::act_buffer, buffer, Need::kRequired, "activations")
      .object("wgt", &ArchSpec::wgt_buffer, buffer, Need::kRequired,
              "weights, their scales and zero-points")
      .object("out", &ArchSpec::out_buffer, buffer, Need::kRequired, "outputs and partial sums");
}

/// `100 cycles`, or a time, rounded up to whole cycles.
void read_latency(const YamlValue& at, ArchSpec& into) {
  const std::string text = at.is_scalar() ? at.node().scalar : std::string();
  if (text.find("cycle") != std::string::npos) {
    const auto cycles = at.quantity(Dimension::kCycles, 0, kMaxCycles);
    into.memory.latency_cycles = cycles.value_or(0);
    return;
  }
  const auto ends_in_time_unit = !text.empty() && text.back() == 's';
  if (at.is_scalar() && !ends_in_time_unit) {
    at.error("must be a quantity with its unit", at.written(),
             "units " + allowed_units(Dimension::kCycles) + ", " +
                 allowed_units(Dimension::kPicoseconds));
    return;
  }
  if (const auto ps = at.quantity(Dimension::kPicoseconds, 0, kMaxLatencyPs)) {
    into.memory.latency_cycles = (*ps * into.clock_hz + kPsPerSecond - 1) / kPsPerSecond;
  }
}

Schema<ArchSpec> memory_schema() {
  const std::string rates = allowed_units(Dimension::kBytesPerSecond);
  const std::string times =
      allowed_units(Dimension::kCycles) + ", " + allowed_units(Dimension::kPicoseconds);
  const auto text_of = [](Dimension d, std::int64_t min, std::int64_t max) {
    return quantity_text(min, d) + ".." + quantity_text(max, d);
  };
  return Schema<ArchSpec>()
      .custom(
          {"model", "choice", "ideal", {}, "ideal: a bandwidth and a latency, nothing else"},
          Need::kRequired,
          [](const YamlValue& at, ArchSpec& into) {
            into.memory.model = at.choice({"ideal"}).value_or("ideal");
          },
          [](const ArchSpec& from) { return Json(from.memory.model); })
      .custom(
          {"bandwidth",
           "quantity (" + rates + ") or `unlimited`",
           text_of(Dimension::kBytesPerSecond, kMinBandwidth, kMaxBandwidth),
           {},
           "peak of all channels together, reads and writes sharing it"},
          Need::kRequired,
          [](const YamlValue& at, ArchSpec& into) {
            into.memory.unlimited = at.is_scalar() && at.node().scalar == "unlimited";
            if (into.memory.unlimited) return;
            const auto rate = at.quantity(Dimension::kBytesPerSecond, kMinBandwidth, kMaxBandwidth);
            into.memory.bandwidth_bytes_per_s = rate.value_or(kMinBandwidth);
          },
          [](const ArchSpec& from) {
            return Json(from.memory.unlimited ? "unlimited"
                                              : quantity_text(from.memory.bandwidth_bytes_per_s,
                                                              Dimension::kBytesPerSecond));
          })
      .custom(
          {"latency",
           "quantity (" + times + ")",
           text_of(Dimension::kCycles, 0, kMaxCycles) + " or " +
               text_of(Dimension::kPicoseconds, 0, kMaxLatencyPs),
           {},
           "from request to the last byte of an idle memory, beyond the transfer itself; a time "
           "is rounded up to cycles"},
          Need::kRequired, &read_latency,
          [](const ArchSpec& from) {
            return Json(quantity_text(from.memory.latency_cycles, Dimension::kCycles));
          })
      .custom(
          {"dram",
           "text",
           {},
           {},
           "the DRAM type of the technology's dram.yaml that prices traffic; without it, the "
           "technology's default"},
          Need::kOptional,
          [](const YamlValue& at, ArchSpec& into) { into.memory.dram = at.text().value_or(""); },
          [](const ArchSpec& from) {
            return from.memory.dram.empty() ? Json() : Json(from.memory.dram);
          });
}

const Schema<MappingSpec>& mapping_schema() {
  static const Schema<MappingSpec> schema = [] {
    const Schema<MappingSpec> tile =
        Schema<MappingSpec>()
            .integer("m", &MappingSpec::tile_m, 1, kMaxTile, Need::kRequired, "rows of A and C")
            .integer("n", &MappingSpec::tile_n, 1, kMaxTile, Need::kRequired, "columns of W and C")
            .integer("k", &MappingSpec::tile_k, 1, kMaxTile, Need::kRequired, "columns of A");
    const std::vector<std::string> orders = {"mnk", "mkn", "nmk", "nkm", "kmn", "knm"};
    return Schema<MappingSpec>()
        .custom(
            {"tile", "map", {}, {}, "a tile as resident in the buffers; needs `order`"},
            Need::kOptional,
            [=](const YamlValue& at, MappingSpec& into) {
              into.given = true;
              into.tile_at = {at.place("m").mark(), at.place("n").mark(), at.place("k").mark()};
              tile.read(at, into);
            },
            [=](const MappingSpec& from) { return from.given ? tile.dump(from) : Json(); },
            rows_below("tile", tile.describe()))
        .custom(
            {"order",
             "choice",
             joined(orders),
             {},
             "loops over tiles, outermost first; needs `tile`"},
            Need::kOptional,
            [=](const YamlValue& at, MappingSpec& into) {
              into.order = at.choice(orders).value_or(orders.front());
            },
            [](const MappingSpec& from) { return from.order.empty() ? Json() : Json(from.order); })
        .integer("cycle_slack_ppm", &MappingSpec::cycle_slack_ppm, 0, 1'000'000, Need::kOptional,
                 "millionths more than the fewest cycles that the search may spend to save DRAM "
                 "traffic");
  }();
  return schema;
}

const Schema<ArchSpec>& arch_schema() {
  static const Schema<ArchSpec> schema = [] {
    Schema<ArchSpec> arch;
    arch.text("name", &ArchSpec::name, Need::kRequired, "name of the machine, for reports");
    arch.text("description", &ArchSpec::description, Need::kOptional, "one line");
    arch.quantity("clock", &ArchSpec::clock_hz, Dimension::kHertz, kMinClock, kMaxClock,
                  Need::kRequired, "clock of array, buffers and dequantisation unit");
    arch.text("tech", &ArchSpec::tech, Need::kOptional, "folder of configs/tech with the prices");
    arch.object("array", &ArchSpec::array, array_schema(), Need::kRequired, "the PE array");
    arch.custom(
        {"pe", "map", {}, {}, "`name` of the PE and its parameters, see below"}, Need::kRequired,
        [](const YamlValue& at, ArchSpec& into) {
          ResolvedPe pe = read_pe(at);
          into.pe = std::move(pe.spec);
          into.paper_prices = std::move(pe.prices);
        },
        [](const ArchSpec& from) { return dump_pe(from.pe, from.paper_prices); },
        {{"pe.name", "choice", "a name below", "required", "which PE"}});
    arch.object("dequant", &ArchSpec::dequant, dequant_schema(), Need::kRequired,
                "the dequantisation unit");
    arch.group("buffers", buffers_schema(), Need::kRequired, "the double-buffered SRAMs");
    arch.group("memory", memory_schema(), Need::kRequired, "what is behind the DMA engines");
    arch.object("mapping", &ArchSpec::mapping, mapping_schema(), Need::kOptional,
                "tiles and loop order, checked and used as they are; without them, the best are "
                "searched");
    return arch;
  }();
  return schema;
}

void check_buffer(const YamlValue& root, const std::string& path, const BufferSpec& buffer) {
  // Each half of the double buffer fills all banks with whole words.
  const std::int64_t grain_bits = 2 * buffer.banks * buffer.width_bits;
  if (buffer.bytes * 8 % grain_bits == 0) return;
  const YamlValue at = root.place(path + ".size");
  at.error("must fill both halves of every bank with whole words", at.written(),
           "multiples of " + std::to_string((grain_bits + 7) / 8) + " B");
}

/// What no key can check alone. The keys themselves are right.
void check_together(const YamlValue& root, const ArchSpec& arch) {
  int lanes_n = 1;
  for (const PeMode& mode : arch.pe.modes) lanes_n = std::max(lanes_n, mode.lanes_n);
  if (arch.dequant.lanes > arch.array.cols * lanes_n) {
    root.place("dequant.lanes")
        .error("more lanes than columns of outputs", std::to_string(arch.dequant.lanes),
               "1.." + std::to_string(arch.array.cols * lanes_n));
  }
  const bool before = arch.dequant.placement == DequantPlacement::kBeforeArray;
  const YamlValue converters = root.place("dequant.converters");
  if (before && arch.dequant.converters == 0) {
    converters.error("missing key: placement before_array converts weights");
  } else if (!before && arch.dequant.converters > 0) {
    converters.error("has no effect without placement before_array: remove it");
  }
  if (arch.mapping.given == arch.mapping.order.empty()) {
    root.place("mapping").error("`tile` and `order` are given together or not at all");
  }
  check_buffer(root, "buffers.act", arch.act_buffer);
  check_buffer(root, "buffers.wgt", arch.wgt_buffer);
  check_buffer(root, "buffers.out", arch.out_buffer);
}

std::optional<ArchSpec> read_arch(YamlNode& root, const std::string& path,
                                  const std::vector<Override>& overrides, Diagnostics& wrong,
                                  std::size_t errors_before) {
  for (const Override& set : overrides) {
    override_yaml(root, set.path, set.value, set.origin, wrong);
  }
  ArchSpec arch;
  arch.file = path;
  const YamlValue top(root, wrong);
  arch_schema().read(top, arch);
  if (wrong.list().size() == errors_before) check_together(top, arch);
  if (wrong.list().size() != errors_before) return std::nullopt;
  return arch;
}

const FileKindRegistration kArchitecture{
    {"architecture",
     {"array", "pe", "buffers"},
     [](const YamlNode& root, const std::string& path, Diagnostics& wrong) {
       YamlNode copy = root;
       read_arch(copy, path, {}, wrong, wrong.list().size());
     },
     [] {
       return "One accelerator; shipped ones are in `configs/arch/`.\n\n" +
              reference_table(arch_schema().describe()) + "\n" + pe_reference();
     }}};

}  // namespace

std::optional<Override> parse_override(const std::string& text, Diagnostics& wrong) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    Diagnostic mistake;
    mistake.path = "--set";
    mistake.what = "must be key=value, as in array.rows=32";
    mistake.got = text;
    wrong.add(std::move(mistake));
    return std::nullopt;
  }
  return Override{text.substr(0, equals), text.substr(equals + 1), "--set"};
}

std::optional<ArchSpec> load_arch(const std::string& path, Diagnostics& wrong,
                                  const std::vector<Override>& overrides) {
  const std::size_t before = wrong.list().size();
  auto root = load_yaml(path, wrong);
  return root ? read_arch(*root, path, overrides, wrong, before) : std::nullopt;
}

std::optional<ArchSpec> load_arch_text(const std::string& name, std::string_view text,
                                       Diagnostics& wrong, const std::vector<Override>& overrides) {
  const std::size_t before = wrong.list().size();
  auto root = parse_yaml(name, text, wrong);
  return root ? read_arch(*root, name, overrides, wrong, before) : std::nullopt;
}

const char* placement_name(DequantPlacement placement) {
  for (const auto& [name, value] : kPlacements) {
    if (value == placement) return name;
  }
  throw InvariantError("unknown placement");
}

std::optional<ArchSpec> load_arch_tree(YamlNode root, const std::string& path, Diagnostics& wrong,
                                       const std::vector<Override>& overrides) {
  return read_arch(root, path, overrides, wrong, wrong.list().size());
}

nlohmann::ordered_json dump_arch(const ArchSpec& arch) { return arch_schema().dump(arch); }

}  // namespace mixpe
