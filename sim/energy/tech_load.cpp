// The files of configs/tech/<name>/ through the strict reader.

#include <algorithm>
#include <filesystem>

#include "sim/config/yaml_reader.h"
#include "sim/energy/complain.h"
#include "sim/energy/tech.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

constexpr double kMaxNumber = 1e9;  // any price, area or time below this is legible
constexpr std::int64_t kMaxCount = 1'000'000;

double number(YamlValue value, double min = 0) { return value.real(min, kMaxNumber).value_or(0); }

/// Zero would be a part for free.
double positive(YamlValue value) {
  const auto x = value.real(0, kMaxNumber);
  if (x && *x <= 0) value.error("must be more than zero", value.written());
  return x.value_or(0);
}

Origin read_origin(YamlMap& map) {
  Origin o;
  o.source = map.required("source").text().value_or("");
  o.method = map.required("method")
                 .choice<Method>({{"measured", Method::kMeasured},
                                  {"derived", Method::kDerived},
                                  {"cited", Method::kCited}})
                 .value_or(Method::kMeasured);
  o.uncertainty_pct = map.required("uncertainty_pct").real(0, 1000).value_or(0);
  return o;
}

Switching read_switching(YamlValue value) {
  YamlMap map = value.map();
  const double zero_delay = positive(map.required("zero_delay"));
  return {zero_delay, positive(map.required("glitch"))};
}

std::string read_field(YamlValue value) { return value.choice(price_fields()).value_or(""); }

std::vector<Term> read_terms(YamlValue value, const char* amount) {
  std::vector<Term> terms;
  for (const YamlValue& item : value.list(1, 32)) {
    YamlMap map = item.map();
    Term t;
    t.what = map.required("what").text().value_or("");
    t.amount = positive(map.required(amount));
    if (map.has("times")) {
      const YamlValue times = map.optional("times");
      std::string why;
      if (times.is_scalar() && !strict_real(times.written(), why)) {
        t.times_field = read_field(times);
      } else {
        t.times = positive(times);
      }
    }
    terms.push_back(t);
  }
  return terms;
}

Extension read_extension(YamlValue value) {
  YamlMap map = value.map();
  Extension e;
  e.of = read_field(map.required("of"));
  e.min = map.required("min").integer(0, kMaxCount).value_or(0);
  e.max = map.required("max").integer(0, kMaxCount).value_or(0);
  e.never_less = map.optional("never_less").boolean().value_or(false);
  e.area_um2 = positive(map.required("area_um2"));
  e.flops = number(map.required("flops"));
  e.min_period_ns = number(map.required("min_period_ns"));
  e.cycle_pj = read_switching(map.required("cycle_pj"));
  e.origin = read_origin(map);
  return e;
}

void read_measured(YamlMap& map, bool is_pe, Part& part) {
  part.area_um2 = positive(map.required("area_um2"));
  part.flops = number(map.required("flops"));
  if (!is_pe) {
    part.cycle_pj["op"] = read_switching(map.required("cycle_pj"));
    return;
  }
  YamlMap events = map.required("events").map();
  for (const auto& [event, value] : events.entries()) {
    YamlMap one = value.map();
    part.cycle_pj[event] = read_switching(one.required("cycle_pj"));
  }
}

void read_derived(YamlMap& map, Part& part) {
  part.float_logic =
      map.required("logic").choice<bool>({{"integer", false}, {"float", true}}).value_or(false);
  part.combinational_um2 = read_terms(map.required("combinational_um2"), "um2");
  part.register_bits = read_terms(map.required("register_bits"), "bits");
}

void read_when(YamlValue value, bool is_pe, Part& part) {
  YamlMap map = value.map();
  for (const auto& [fact, wanted] : map.entries()) {
    if (is_pe) {
      part.when[fact] = wanted.text().value_or("");
      continue;
    }
    const auto known = module_facts().find(fact);
    if (known != module_facts().end()) {
      part.when[fact] = wanted.choice(known->second).value_or("");
    } else {
      std::vector<std::string> names;
      for (const auto& [name, values] : module_facts()) names.push_back(name);
      wanted.error("is no fact about a design", fact, joined(names));
    }
  }
}

/// A PE's price is a measured form; a module may be derived from terms instead.
Part read_part(YamlValue value, bool is_pe) {
  YamlMap map = value.map();
  Part part;
  part.mark = value.mark();
  part.path = value.path();
  read_when(map.required("when"), is_pe, part);
  part.name = map.required("name").text().value_or("");
  part.origin = read_origin(map);
  if (map.has("at")) {
    YamlMap at = map.optional("at").map();
    for (const std::string& field : price_fields()) {
      const YamlValue number_at = at.optional(field);
      if (number_at.present()) part.at[field] = number_at.integer(0, kMaxCount).value_or(0);
    }
  }
  part.measured_form = is_pe || !map.has("combinational_um2");
  // A derived part has the period of a measured one that contains it, if there is one.
  if (part.measured_form || map.has("min_period_ns")) {
    part.min_period_ns = positive(map.required("min_period_ns"));
  }
  if (part.measured_form) {
    read_measured(map, is_pe, part);
  } else {
    read_derived(map, part);
  }
  if (!map.has("extend")) return part;
  for (const YamlValue& item : map.optional("extend").list(1, 16)) {
    part.extend.push_back(read_extension(item));
    if (!part.at.contains(part.extend.back().of)) {
      item.error("extends a field that `at` does not state", part.extend.back().of);
    }
  }
  return part;
}

PartFile read_parts(const std::string& file, YamlMap& top, bool is_pe) {
  PartFile out;
  out.file = file;
  for (const YamlValue& item : top.required("variants").list(1, 64)) {
    out.variants.push_back(read_part(item, is_pe));
  }
  return out;
}

/// Opens a file of the folder and hands its top map on.
template <class Read>
void with_file(const fs::path& path, Diagnostics& wrong, Read read) {
  const auto root = load_yaml(path.string(), wrong);
  if (!root) return;
  YamlMap top = YamlValue(*root, wrong).map();
  read(top);
}

void read_identity(YamlMap& top, const char* key, const std::string& expected) {
  const YamlValue name = top.required(key);
  const auto text = name.text();
  if (text && *text != expected) name.error("must be the file's own name", *text, expected);
}

void read_logic(YamlMap& top, LogicConstants& logic) {
  logic.reference_clock_ns = positive(top.required("reference_clock_ns"));
  YamlMap flop = top.required("flop").map();
  logic.flop_area_um2 = positive(flop.required("area_um2"));
  logic.flop_clock_fj = positive(flop.required("clock_fj"));
  logic.flop_data_fj = read_switching(flop.required("data_fj"));
  logic.flop = read_origin(flop);
  YamlMap bit = top.required("register_bit").map();
  logic.register_bit_area_um2 = positive(bit.required("area_um2"));
  logic.register_bit_shift_fj = read_switching(bit.required("shift_fj"));
  logic.register_bit = read_origin(bit);
  YamlMap leakage = top.required("leakage").map();
  logic.leakage_nw_per_um2 = positive(leakage.required("nw_per_um2"));
  logic.leakage = read_origin(leakage);
  YamlMap densities = top.required("logic").map();
  YamlMap integer = densities.required("integer").map();
  logic.integer_fj_per_um2 = read_switching(integer.required("fj_per_um2"));
  logic.integer_logic = read_origin(integer);
  YamlMap floating = densities.required("float").map();
  logic.float_fj_per_um2 = read_switching(floating.required("fj_per_um2"));
  logic.float_logic = read_origin(floating);
}

void read_tech(YamlMap& top, const std::string& name, TechTable& tech) {
  read_identity(top, "tech", name);
  tech.description = top.required("description").text().value_or("");
  tech.source = top.required("source").text().value_or("");
  tech.node_nm = positive(top.required("node_nm"));
  tech.voltage_v = positive(top.required("voltage_v"));
  tech.temperature_c = number(top.required("temperature_c"), -273);
  tech.activity = top.required("activity")
                      .choice<Activity>({{"zero_delay", Activity::kZeroDelay},
                                         {"mean", Activity::kMean},
                                         {"glitch", Activity::kGlitch}})
                      .value_or(Activity::kMean);
  read_logic(top, tech.logic);
}

std::vector<double> read_energies(YamlValue value, std::size_t count) {
  std::vector<double> out;
  for (const YamlValue& item : value.list(count, count)) out.push_back(positive(item));
  out.resize(count);
  return out;
}

void read_sram(YamlMap& top, TechTable& tech) {
  tech.sram_origin = read_origin(top);
  auto& widths = tech.sram.widths_bits;
  for (const YamlValue& item : top.required("widths_bits").list(1, 16)) {
    const std::int64_t above = widths.empty() ? 0 : widths.back();
    widths.push_back(item.integer(above + 1, kMaxCount).value_or(above + 1));
  }
  for (const YamlValue& item : top.required("macros").list(1, 64)) {
    YamlMap map = item.map();
    const std::int64_t above = tech.sram.rows.empty() ? 0 : tech.sram.rows.back().kib;
    SramRow row;
    row.kib = map.required("kib").integer(above + 1, kMaxCount).value_or(above + 1);
    row.read_pj = read_energies(map.required("read_pj"), widths.size());
    row.write_pj = read_energies(map.required("write_pj"), widths.size());
    row.leakage_mw = positive(map.required("leakage_mw"));
    row.area_mm2 = positive(map.required("area_mm2"));
    row.access_ns = positive(map.required("access_ns"));
    row.cycle_ns = positive(map.required("cycle_ns"));
    tech.sram.rows.push_back(row);
  }
}

void read_dram(YamlMap& top, TechTable& tech) {
  const YamlValue chosen = top.required("default");
  tech.default_dram = chosen.text().value_or("");
  YamlMap types = top.required("types").map();
  std::vector<std::string> names;
  for (const auto& [name, value] : types.entries()) {
    YamlMap map = value.map();
    DramType type;
    type.energy.pj_per_bit = positive(map.required("pj_per_bit"));
    type.origin = read_origin(map);
    tech.dram[name] = type;
    names.push_back(name);
  }
  if (chosen.present() && !tech.dram.contains(tech.default_dram)) {
    chosen.error("is not among the types", tech.default_dram, joined(names));
  }
}

void read_accumulator_memory(YamlMap& top, TechTable& tech) {
  YamlMap memory = top.required("memory").map();
  tech.accumulator_memory.slice_width_bits =
      memory.required("slice_width_bits").integer(1, kMaxCount).value_or(1);
  tech.accumulator_memory.origin = read_origin(memory);
}

void read_module(YamlMap& top, const std::string& name, const std::string& file, TechTable& tech) {
  read_identity(top, "module", name);
  if (name == "accumulator") read_accumulator_memory(top, tech);
  if (name == "row_sum") {
    tech.fifo_group_steps = top.required("fifo_group_steps").integer(1, kMaxCount).value_or(1);
  }
  tech.modules[name] = read_parts(file, top, false);
}

/// Every other .yaml of the folder prices a PE. Sorted: messages come in the same order everywhere.
std::vector<std::string> pe_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string stem = entry.path().stem().string();
    const bool taken = stem == "tech" || stem == "sram" || stem == "dram" ||
                       std::count(module_names().begin(), module_names().end(), stem) > 0;
    if (!taken) names.push_back(stem);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> folder_names(const fs::path& parent) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    if (entry.is_directory(ignored)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<fs::path> find_folder(const std::string& name, Diagnostics& wrong) {
  const bool is_path = name.find('/') != std::string::npos;
  const fs::path folder = is_path ? fs::path(name) : fs::path(configs_root()) / "tech" / name;
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return folder.lexically_normal();
  const std::vector<std::string> known = folder_names(folder.lexically_normal().parent_path());
  complain(wrong, whole_file(folder.string()), "tech", "there is no such technology", name,
           joined(known));
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& module_names() {
  static const std::vector<std::string> names = {"dequant",    "row_sum",     "aligner",
                                                 "converters", "accumulator", "epilogue"};
  return names;
}

const std::map<std::string, std::vector<std::string>>& module_facts() {
  static const std::map<std::string, std::vector<std::string>> facts = {
      {"placement", {"after_group", "before_array", "none"}},
      {"sum_kind", {"integer", "fp32"}},
      {"act_kind", {"integer", "float"}},
      {"weight_kind", {"integer", "float"}},
      {"output_kind", {"integer", "fp32"}},
      {"prescan", {"true", "false"}}};
  return facts;
}

TechTable load_tech(const std::string& name_or_folder, Diagnostics& wrong) {
  TechTable tech;
  const auto found = find_folder(name_or_folder, wrong);
  if (!found) return tech;
  const fs::path folder = found->filename().empty() ? found->parent_path() : *found;
  tech.folder = folder.string();
  tech.name = folder.filename().string();
  with_file(folder / "tech.yaml", wrong, [&](YamlMap& top) { read_tech(top, tech.name, tech); });
  with_file(folder / "sram.yaml", wrong, [&](YamlMap& top) { read_sram(top, tech); });
  with_file(folder / "dram.yaml", wrong, [&](YamlMap& top) { read_dram(top, tech); });
  for (const std::string& name : module_names()) {
    const fs::path file = folder / (name + ".yaml");
    with_file(file, wrong, [&](YamlMap& top) { read_module(top, name, file.string(), tech); });
  }
  for (const std::string& name : pe_names(folder)) {
    const fs::path file = folder / (name + ".yaml");
    with_file(file, wrong, [&](YamlMap& top) {
      read_identity(top, "pe", name);
      tech.pes[name] = read_parts(file.string(), top, true);
    });
  }
  return tech;
}

std::vector<ConfigEntry> list_techs() {
  std::vector<ConfigEntry> techs;
  for (const std::string& name : folder_names(fs::path(configs_root()) / "tech")) {
    Diagnostics ignored;
    techs.push_back({name, load_tech(name, ignored).description});
  }
  return techs;
}

}  // namespace mixpe
