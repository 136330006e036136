#include "sim/energy/tech_schema.h"

#include <algorithm>

#include "sim/config/reference.h"
#include "sim/energy/scale.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMaxNumber = 1e9;  // any price, area or time below this is legible
constexpr std::int64_t kMaxCount = 1'000'000;
constexpr double kAbsoluteZeroC = -273.15;
constexpr Need kRequired = Need::kRequired;
constexpr Need kOptional = Need::kOptional;

// Below, the scaling polynomials turn around.
constexpr double kLeastScaledV = 0.5, kMostScaledV = 1.5;

std::string joined_nodes() {
  std::vector<std::string> nodes;
  for (const double nm : scaled_nodes()) nodes.push_back(number_text(nm));
  return joined(nodes);
}

Schema<Origin> origin_schema() {
  return Schema<Origin>()
      .text("source", &Origin::source, kRequired, "where the numbers beside it come from")
      .choice<Method>("method", &Origin::method,
                      {{"measured", Method::kMeasured},
                       {"derived", Method::kDerived},
                       {"cited", Method::kCited}},
                      kRequired, "by a run named in `source`, from other numbers, or published")
      .real("uncertainty_pct", &Origin::uncertainty_pct, 0, 1000, kRequired,
            "of the numbers, per cent either way");
}

Schema<Switching> switching_schema() {
  return Schema<Switching>()
      .positive("zero_delay", &Switching::zero_delay, kMaxNumber, kRequired, "without glitches")
      .positive("glitch", &Switching::glitch, kMaxNumber, kRequired, "with glitches");
}

/// As switching_schema(), where nothing at all is a finding: a gate without flip-flops has no
/// clock.
const Schema<Switching>& remark_schema() {
  static const Schema<Switching> schema =
      Schema<Switching>()
          .real("zero_delay", &Switching::zero_delay, -kMaxNumber, kMaxNumber, kRequired,
                "without glitches")
          .real("glitch", &Switching::glitch, -kMaxNumber, kMaxNumber, kRequired, "with glitches");
  return schema;
}

/// A number of units, or a field of the PE.
void read_times(const YamlValue& at, Term& into) {
  std::string why;
  if (at.is_scalar() && !strict_real(at.written(), why)) {
    into.times_field = at.choice(price_fields()).value_or("");
    return;
  }
  const auto times = at.real(0, kMaxNumber);
  if (times && *times <= 0) at.error("must be more than zero", at.written());
  into.times = times.value_or(into.times);
}

Schema<Term> term_schema(const char* amount, const char* doc) {
  return Schema<Term>()
      .text("what", &Term::what, kRequired, "what it is, with its derivation")
      .positive(amount, &Term::amount, kMaxNumber, kRequired, doc)
      .custom({"times",
               "number or field",
               "more than 0, or " + joined(price_fields()),
               {},
               "how many, or the PE's width or latency that says so"},
              kOptional, &read_times, [](const Term& from) {
                return Json(from.times_field.empty() ? number_text(from.times) : from.times_field);
              });
}

Schema<Extension> extension_schema() {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string& field : price_fields()) fields.emplace_back(field, field);
  return Schema<Extension>()
      .choice<std::string>("of", &Extension::of, fields, kRequired, "a field that `at` states")
      .integer("min", &Extension::min, 0, kMaxCount, kRequired, "smallest value with a price")
      .integer("max", &Extension::max, 0, kMaxCount, kRequired, "largest value with a price")
      .boolean("never_less", &Extension::never_less, kOptional,
               "a value below that of `at` costs the same")
      .positive("area_um2", &Extension::area_um2, kMaxNumber, kRequired, "of one unit more")
      .real("flops", &Extension::flops, 0, kMaxNumber, kRequired, "of one unit more")
      .real("min_period_ns", &Extension::min_period_ns, 0, kMaxNumber, kRequired,
            "longer, per unit more")
      .object("cycle_pj", &Extension::cycle_pj, switching_schema(), kRequired,
              "of one unit more, per busy cycle")
      .include(&Extension::origin, origin_schema());
}

Schema<Part> at_schema() {
  Schema<Part> s;
  for (const std::string& field : price_fields()) {
    s.custom({field, "integer", "0.." + std::to_string(kMaxCount), {}, "of the PE that was priced"},
             kOptional, [=](const YamlValue& at, Part& into) {
               into.at[field] = at.integer(0, kMaxCount).value_or(0);
             });
  }
  return s;
}

void add_extend(Schema<Part>& s) {
  const Schema<Extension> extension = extension_schema();
  s.custom(
      {"extend",
       "list",
       "1..16 items",
       {},
       "what other values than those of `at` cost; without it they are refused"},
      kOptional,
      [=](const YamlValue& at, Part& into) {
        for (const YamlValue& item : at.list(1, 16)) {
          Extension& e = into.extend.emplace_back();
          extension.read(item, e);
          if (e.of.empty() || into.at.contains(e.of)) continue;
          item.error("extends a field that `at` does not state", e.of);
        }
      },
      [](const Part&) { return Json(); }, rows_below("extend[]", extension.describe()));
}

/// Energies of characterised parts for people to read: checked, not priced.
void add_remarks(Schema<Part>& s, const std::string& key, const std::string& doc) {
  s.custom({key, "map", "event: {name: {zero_delay, glitch}}", {}, doc}, kOptional,
           [=](const YamlValue& at, Part&) {
             for (const auto& [event, energies] : at.map().entries()) {
               for (const auto& [name, energy] : energies.map().entries()) {
                 Switching unused;
                 remark_schema().read(energy, unused);
               }
             }
           });
}

/// Of one statistic: where the price holds, and what one more of it costs.
struct OperandSlope {
  double typical = 0;
  Switching pj;
};

Schema<OperandSlopes> slopes_schema() {
  const auto slope = Schema<OperandSlope>()
                         .real("typical", &OperandSlope::typical, 0, kMaxNumber, kRequired,
                               "what the price holds for")
                         .object("pj", &OperandSlope::pj, remark_schema(), kRequired,
                                 "of a busy cycle, for one more; may be less than nothing");
  Schema<OperandSlopes> s;
  const auto statistic = [&](const char* key, double OperandStatistics::*member, std::size_t index,
                             const char* doc) {
    s.custom(
        {key, "map", {}, {}, doc}, kRequired,
        [=](const YamlValue& at, OperandSlopes& into) {
          OperandSlope one;
          slope.read(at, one);
          into.typical.*member = one.typical;
          into.pj[index] = one.pj;
        },
        [](const OperandSlopes&) { return Json(); }, rows_below(key, slope.describe()));
  };
  statistic("act_toggles", &OperandStatistics::act_toggles, 0,
            "bits in which an activation differs from the one before");
  statistic("weight_toggles", &OperandStatistics::weight_toggles, 1,
            "bits in which a weight differs from the one before");
  statistic("zero_acts", &OperandStatistics::zero_acts, 2, "share of the activations that are 0");
  s.real("error_pct", &OperandSlopes::error_pct, 0, kMaxNumber, kRequired,
         "of the fit, root mean square over the streams");
  s.real("held_out_pct", &OperandSlopes::held_out_pct, 0, kMaxNumber, kRequired,
         "of streams that the fit did not see");
  return s;
}

void add_measured(Schema<Part>& s) {
  s.positive("min_period_ns", &Part::min_period_ns, kMaxNumber, kRequired, "shortest clock period");
  s.positive("area_um2", &Part::area_um2, kMaxNumber, kRequired, "of one");
  s.real("flops", &Part::flops, 0, kMaxNumber, kRequired, "in one");
  add_remarks(s, "streams", "busy cycles under other operands, pJ; not priced");
  add_remarks(s, "split",
              "where a busy cycle's energy goes, pJ: clock, flop, combinational, wire, leakage");
}

const Schema<Part>& pe_part_schema() {
  static const Schema<Part> schema = [] {
    Schema<Part> s;
    s.custom({"when",
              "map",
              "parameter: value",
              {},
              "the PE's parameters, dataflow (os, ws), or " + joined(price_fields()) +
                  ", that select this variant; the first that matches is used"},
             kRequired, [](const YamlValue& at, Part& into) {
               for (const auto& [fact, wanted] : at.map().entries()) {
                 into.when[fact] = wanted.text().value_or("");
               }
             });
    s.text("name", &Part::name, kRequired, "for reports");
    s.include(&Part::origin, origin_schema());
    s.group("at", at_schema(), kOptional, "widths and latencies that the numbers hold for");
    add_measured(s);
    s.map_of("events", &Part::cycle_pj,
             Schema<Switching>().group("cycle_pj", switching_schema(), kRequired,
                                       "of a busy cycle of one PE: clock, data, leakage"),
             kRequired, "by event, `mac.<mode>`");
    s.map_of("operands", &Part::operands, slopes_schema(), kOptional,
             "by event: how its energy follows operands, for --data-dependent-energy");
    add_extend(s);
    return s;
  }();
  return schema;
}

/// Facts that select a module's variant.
void read_module_when(const YamlValue& at, Part& into) {
  for (const auto& [fact, wanted] : at.map().entries()) {
    const auto known = module_facts().find(fact);
    if (known != module_facts().end()) {
      into.when[fact] = wanted.choice(known->second).value_or("");
      continue;
    }
    std::vector<std::string> names;
    for (const auto& [name, values] : module_facts()) names.push_back(name);
    wanted.error("is no fact about a design", fact, joined(names));
  }
}

std::vector<ReferenceRow> module_when_rows() {
  std::vector<ReferenceRow> rows;
  for (const auto& [fact, values] : module_facts()) {
    rows.push_back({"when." + fact, "choice", joined(values), {}, "a fact about the design"});
  }
  return rows;
}

void add_terms(Schema<Part>& s, const std::string& key, std::vector<Term> Part::*member,
               const char* amount, Need need, const std::string& doc) {
  s.list(key, member, term_schema(amount, "of one"), 1, 32, need, doc);
}

Schema<Part> measured_module_schema() {
  Schema<Part> s;
  add_measured(s);
  s.custom(
      {"cycle_pj", "map", {}, {}, "of a busy cycle: clock, data, leakage"}, kRequired,
      [](const YamlValue& at, Part& into) { switching_schema().read(at, into.cycle_pj["op"]); },
      [](const Part&) { return Json(); }, rows_below("cycle_pj", switching_schema().describe()));
  return s;
}

Schema<Part> derived_module_schema() {
  Schema<Part> s;
  s.positive("min_period_ns", &Part::min_period_ns, kMaxNumber, kOptional,
             "of a measured part that contains this one");
  s.choice<bool>("logic", &Part::float_logic, {{"integer", false}, {"float", true}}, kRequired,
                 "which energy per area of tech.yaml");
  add_terms(s, "register_bits", &Part::register_bits, "bits", kRequired, "flops, a sum of terms");
  return s;
}

/// A module is measured, or derived from terms.
const Schema<Part>& module_part_schema() {
  static const Schema<Part> schema = [] {
    const Schema<Term> term = term_schema("um2", "of one");
    Schema<Part> s;
    s.custom(
        {"when", "map", {}, {}, "what selects this variant; the first that matches is used"},
        kRequired, &read_module_when, [](const Part&) { return Json(); }, module_when_rows());
    s.text("name", &Part::name, kRequired, "for reports");
    s.include(&Part::origin, origin_schema());
    s.group("at", at_schema(), kOptional, "widths and latencies that the numbers hold for");
    s.custom(
        {"combinational_um2",
         "list",
         "1..32 items",
         {},
         "area without flops, a sum of terms; with it, the part is derived"},
        kOptional,
        [=](const YamlValue& at, Part& into) {
          into.measured_form = false;
          for (const YamlValue& item : at.list(1, 32)) {
            term.read(item, into.combinational_um2.emplace_back());
          }
        },
        [](const Part&) { return Json(); }, rows_below("combinational_um2[]", term.describe()));
    s.only_if(
        "measured", [](const Part& p) { return p.measured_form; }, measured_module_schema());
    s.only_if(
        "derived", [](const Part& p) { return !p.measured_form; }, derived_module_schema());
    add_extend(s);
    return s;
  }();
  return schema;
}

/// The name that a file repeats so that a copy under another name is noticed.
template <class T>
void add_identity(Schema<T>& s, const char* key, const std::string& expected, const char* doc) {
  s.custom({key, "text", {}, {}, doc}, kRequired, [=](const YamlValue& at, T&) {
    const auto text = at.text();
    if (text && *text != expected) at.error("must be the file's own name", *text, expected);
  });
}

/// `parts` is TechTable::pes or TechTable::modules.
void add_variants(Schema<TechTable>& s, std::map<std::string, PartFile> TechTable::*parts,
                  const std::string& name, const std::string& file, const Schema<Part>& part) {
  s.custom({"characterized",
            "map",
            {},
            {},
            "how `mixpe characterize` made the file: library, hashes, tools, operands"},
           kOptional, [](const YamlValue& at, TechTable&) {
             for (const auto& [fact, value] : at.map().entries()) value.text();
           });
  s.custom(
      {"variants", "list", "1..64 items", {}, "prices"}, kRequired,
      [=](const YamlValue& at, TechTable& into) {
        PartFile& out = (into.*parts)[name];
        out.file = file;
        for (const YamlValue& item : at.list(1, 64)) {
          Part& variant = out.variants.emplace_back();
          variant.mark = item.mark();
          variant.path = item.path();
          part.read(item, variant);
        }
      },
      [](const TechTable&) { return Json(); }, rows_below("variants[]", part.describe()));
}

Schema<LogicConstants> constants_schema() {
  using L = LogicConstants;
  const Schema<Switching> switching = switching_schema();
  const Schema<Origin> origin = origin_schema();
  const auto flop = Schema<L>()
                        .positive("area_um2", &L::flop_area_um2, kMaxNumber, kRequired, "of one")
                        .positive("clock_fj", &L::flop_clock_fj, kMaxNumber, kRequired,
                                  "per cycle, whether data moves or not")
                        .object("data_fj", &L::flop_data_fj, switching, kRequired,
                                "on top, of a flop that takes new data")
                        .include(&L::flop, origin);
  const auto bit =
      Schema<L>()
          .positive("area_um2", &L::register_bit_area_um2, kMaxNumber, kRequired, "of one")
          .object("shift_fj", &L::register_bit_shift_fj, switching, kRequired,
                  "of a bit that moves on, its flop's clock not included")
          .include(&L::register_bit, origin);
  const auto leakage =
      Schema<L>()
          .positive("nw_per_um2", &L::leakage_nw_per_um2, kMaxNumber, kRequired, "goes with area")
          .include(&L::leakage, origin);
  const auto integer = Schema<L>()
                           .object("fj_per_um2", &L::integer_fj_per_um2, switching, kRequired,
                                   "of combinational area that computes once")
                           .include(&L::integer_logic, origin);
  const auto floating = Schema<L>()
                            .object("fj_per_um2", &L::float_fj_per_um2, switching, kRequired,
                                    "of combinational area that computes once")
                            .include(&L::float_logic, origin);
  return Schema<L>()
      .positive("reference_clock_ns", &L::reference_clock_ns, kMaxNumber, kRequired,
                "the cycle in which all pJ per cycle were measured")
      .group("flop", flop, kRequired, "a flip-flop")
      .group("register_bit", bit, kRequired, "a bit of a register that may shift or hold")
      .group("leakage", leakage, kRequired, "of logic")
      .group("logic",
             Schema<L>()
                 .group("integer", integer, kRequired, "adders, shifters, multipliers")
                 .group("float", floating, kRequired, "floating-point units"),
             kRequired, "for parts that were not synthesised");
}

void read_widths(const YamlValue& at, TechTable& into) {
  std::int64_t above = 0;
  for (const YamlValue& item : at.list(1, 16)) {
    above = item.integer(above + 1, kMaxCount).value_or(above + 1);
    into.sram.widths_bits.push_back(above);
  }
}

void add_energies(Schema<SramRow>& s, const std::string& key, std::vector<double> SramRow::*member,
                  std::size_t widths) {
  s.custom(
      {key, "list of numbers", "more than 0, as many as widths_bits", {}, "per access, by width"},
      kRequired, [=](const YamlValue& at, SramRow& into) {
        for (const YamlValue& item : at.list(widths, widths)) {
          const auto x = item.real(0, kMaxNumber);
          if (x && *x <= 0) item.error("must be more than zero", item.written());
          (into.*member).push_back(x.value_or(0));
        }
        (into.*member).resize(widths);
      });
}

/// A size above `above`, with an energy for each width.
Schema<SramRow> macro_schema(std::int64_t above, std::size_t widths) {
  Schema<SramRow> s;
  s.integer("kib", &SramRow::kib, above + 1, kMaxCount, kRequired, "size, KiB; ascending");
  add_energies(s, "read_pj", &SramRow::read_pj, widths);
  add_energies(s, "write_pj", &SramRow::write_pj, widths);
  s.positive("leakage_mw", &SramRow::leakage_mw, kMaxNumber, kRequired, "of the macro");
  s.positive("area_mm2", &SramRow::area_mm2, kMaxNumber, kRequired, "of the macro");
  s.positive("access_ns", &SramRow::access_ns, kMaxNumber, kRequired, "from address to data");
  s.positive("cycle_ns", &SramRow::cycle_ns, kMaxNumber, kRequired, "from access to access");
  return s;
}

void read_macros(const YamlValue& at, TechTable& into) {
  std::int64_t above = 0;
  for (const YamlValue& item : at.list(1, 64)) {
    SramRow& row = into.sram.rows.emplace_back();
    macro_schema(above, into.sram.widths_bits.size()).read(item, row);
    row.kib = above = std::max(row.kib, above + 1);
  }
}

}  // namespace

Schema<TechTable> tech_file_schema(const std::string& tech) {
  Schema<TechTable> s;
  add_identity(s, "tech", tech, "name of the folder");
  s.text("description", &TechTable::description, kRequired, "one line");
  s.text("source", &TechTable::source, kRequired, "of the numbers as a whole");
  s.positive("node_nm", &TechTable::node_nm, kMaxNumber, kRequired, "feature size");
  s.positive("voltage_v", &TechTable::voltage_v, kMaxNumber, kRequired, "of logic");
  s.real("temperature_c", &TechTable::temperature_c, kAbsoluteZeroC, kMaxNumber, kRequired,
         "of logic");
  s.choice<Activity>("activity", &TechTable::activity,
                     {{"zero_delay", Activity::kZeroDelay},
                      {"mean", Activity::kMean},
                      {"glitch", Activity::kGlitch}},
                     kRequired, "which of two bounds of switching energy to use, or their mean");
  s.include(&TechTable::logic, constants_schema());
  return s;
}

Schema<ScaledTech> scaled_tech_file_schema(const std::string& tech) {
  Schema<ScaledTech> s;
  add_identity(s, "tech", tech, "name of the folder");
  s.text("description", &ScaledTech::description, kRequired, "one line");
  s.group("scaled",
          Schema<ScaledTech>()
              .text("from", &ScaledTech::from, kRequired,
                    "a technology of one of the nodes below; alone in its folder, this file gives "
                    "all its numbers at another node")
              .custom({"node_nm", "number", joined_nodes(), {}, "feature size"}, kRequired,
                      [](const YamlValue& at, ScaledTech& into) {
                        into.node_nm = at.real(0, kMaxNumber).value_or(0);
                        const auto& nodes = scaled_nodes();
                        if (std::count(nodes.begin(), nodes.end(), into.node_nm) > 0) return;
                        at.error("has no scaling factors", at.written(), joined_nodes());
                      })
              .real("voltage_v", &ScaledTech::voltage_v, kLeastScaledV, kMostScaledV, kRequired,
                    "of logic"),
          kRequired, "after Stillmaker and Baas, Integration 58 (2017) 74-81");
  return s;
}

Schema<TechTable> sram_file_schema() {
  const auto no_dump = [](const TechTable&) { return Json(); };
  Schema<TechTable> s;
  s.include(&TechTable::sram_origin, origin_schema());
  s.custom({"widths_bits", "list of integers", "1..16 items, ascending", {}, "widths of the port"},
           kRequired, &read_widths);
  s.custom(
      {"macros", "list", "1..64 items", {}, "single-port macros, looked up, never interpolated"},
      kRequired, &read_macros, no_dump, rows_below("macros[]", macro_schema(0, 1).describe()));
  return s;
}

Schema<TechTable> dram_file_schema() {
  const auto energy = Schema<DramEnergy>()
                          .positive("pj_per_bit", &DramEnergy::pj_per_bit, kMaxNumber, kRequired,
                                    "read, background included")
                          .positive("write_pj_per_bit", &DramEnergy::write_pj_per_bit, kMaxNumber,
                                    kOptional, "written; as read if left out");
  const auto type = Schema<DramType>()
                        .include(&DramType::energy, energy)
                        .include(&DramType::origin, origin_schema());
  return Schema<TechTable>()
      .map_of("types", &TechTable::dram, type, kRequired, "DRAM types that `memory.dram` may name")
      .custom({"default", "text", "one of `types`", {}, "used where `memory.dram` is left out"},
              kRequired, [](const YamlValue& at, TechTable& into) {
                into.default_dram = at.text().value_or("");
                if (into.dram.contains(into.default_dram)) return;
                std::vector<std::string> names;
                for (const auto& [name, unused] : into.dram) names.push_back(name);
                at.error("is not among the types", into.default_dram, joined(names));
              });
}

Schema<TechTable> module_file_schema(const std::string& name, const std::string& file) {
  const auto memory = Schema<SlicedMemory>()
                          .integer("slice_width_bits", &SlicedMemory::slice_width_bits, 1,
                                   kMaxCount, kRequired, "macro width that serves some columns")
                          .include(&SlicedMemory::origin, origin_schema());
  Schema<TechTable> s;
  add_identity(s, "module", name, "name of the file");
  s.only_if(
      "accumulator.yaml", [=](const TechTable&) { return name == "accumulator"; },
      Schema<TechTable>().object("memory", &TechTable::accumulator_memory, memory, kRequired,
                                 "where ws arrays keep their sums, priced as SRAM"));
  s.only_if(
      "row_sum.yaml", [=](const TechTable&) { return name == "row_sum"; },
      Schema<TechTable>().integer(
          "group_steps", &TechTable::group_steps, 1, kMaxCount, kRequired,
          "steps of a group: what its end costs is charged in as many parts"));
  s.only_if(
      "aligner.yaml", [=](const TechTable&) { return name == "aligner"; },
      Schema<TechTable>()
          .integer("buffer_steps", &TechTable::scan_buffer_steps, 1, kMaxCount, kRequired,
                   "longest segment, in steps, that waits for its exponent")
          .object("memory", &TechTable::scan_buffer, memory, kRequired,
                  "where a segment waits for its exponent, priced as SRAM"));
  add_variants(s, &TechTable::modules, name, file, module_part_schema());
  return s;
}

Schema<TechTable> pe_file_schema(const std::string& name, const std::string& file) {
  Schema<TechTable> s;
  add_identity(s, "pe", name, "name of the file");
  add_variants(s, &TechTable::pes, name, file, pe_part_schema());
  return s;
}

std::string tech_reference() {
  std::string modules;
  for (const std::string& name : module_names()) {
    modules += (modules.empty() ? "`" : ", `") + name + ".yaml`";
  }
  return "Prices: a folder of `configs/tech/` with these files; `docs/energy.md` explains the "
         "numbers. To check one of them is\nto check it as part of its folder.\n\n### "
         "`tech.yaml`\n\n" +
         reference_table(tech_file_schema("").describe()) +
         "\n### `tech.yaml` of a technology scaled from another\n\n" +
         reference_table(scaled_tech_file_schema("").describe()) + "\n### `sram.yaml`\n\n" +
         reference_table(sram_file_schema().describe()) + "\n### `dram.yaml`\n\n" +
         reference_table(dram_file_schema().describe()) + "\n### Modules: " + modules + "\n\n" +
         reference_table(module_file_schema("", "").describe()) +
         "\n### PEs: any other file, named after its PE\n\n" +
         reference_table(pe_file_schema("", "").describe());
}

}  // namespace mixpe
