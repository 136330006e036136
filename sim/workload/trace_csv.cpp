// The CSV forms: ours, with named columns, and SCALE-Sim's GEMM topology, read by position.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "sim/config/yaml_reader.h"
#include "sim/workload/trace.h"
#include "sim/workload/trace_rows.h"

namespace mixpe {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxRows = 100'000;
/// A file that is no trace at all would give a mistake per line.
constexpr std::size_t kMaxMistakes = 200;

struct Cell {
  std::string text;
  int column = 0;
};

struct Line {
  int number = 0;
  std::vector<Cell> cells;
};

bool blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view s) {
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

std::string lower(std::string_view s) {
  std::string text(s);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<Cell> split(std::string_view line) {
  std::vector<Cell> cells;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    const std::string_view raw = line.substr(begin, end - begin);
    const std::size_t lead = std::min(raw.find_first_not_of(" \t"), raw.size());
    cells.push_back({std::string(trim(raw)), static_cast<int>(begin + lead) + 1});
    if (end == line.size()) return cells;
    begin = end + 1;
  }
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const TraceColumn& column : kTraceColumns) names.emplace_back(column.name);
  return names;
}

std::vector<std::string> head_key_names() {
  std::vector<std::string> names;
  for (const TraceHeadKey& key : kTraceHeadKeys) names.emplace_back(key.csv);
  return names;
}

class CsvTrace {
 public:
  CsvTrace(const std::string& file, Diagnostics& wrong) : file_(file), wrong_(wrong) {
    head_.name = std::filesystem::path(file).stem().string();
  }

  void read(std::string_view text) {
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);  // UTF-8 byte order mark
    int number = 0;
    while (!text.empty() && !stopped_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      read_line(++number, line);
    }
    if (columns_.empty() && !scale_sim_ && wrong_.ok()) {
      report({file_}, "", "the trace has no header line", "", kHeader);
    }
  }

  TraceHead& head() { return head_; }
  std::vector<Gemm>& rows() { return rows_; }

 private:
  static constexpr const char* kHeader = "layer,op,m,n,k[,role,batch,count,scheme,...]";
  void report(const SourceMark& at, std::string path, std::string what, std::string got,
              std::string allowed) {
    wrong_.add({at, std::move(path), std::move(what), std::move(got), std::move(allowed)});
    if (wrong_.list().size() >= kMaxMistakes && !stopped_) {
      stopped_ = true;
      wrong_.add({at, {}, "too many mistakes, the rest of the file is not read", {}, {}});
    }
  }

  void read_line(int number, std::string_view line) {
    if (line.size() > kMaxLine) {
      report({file_, number, 1}, "", "line is too long", std::to_string(line.size()) + " bytes",
             "up to " + std::to_string(kMaxLine));
      return;
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      const auto c = static_cast<unsigned char>(line[i]);
      if ((c >= 0x20 && c != 0x7f) || c == '\t') continue;
      report({file_, number, static_cast<int>(i) + 1}, "", "control character",
             "byte " + std::to_string(c), "text");
      return;
    }
    const std::string_view content = trim(line);
    if (content.empty()) return;
    if (content.substr(0, 2) == "#:") return read_head(number, content.substr(2));
    if (content.front() == '#') return;
    const Line cells{number, split(line)};
    if (!header_seen_) {
      header_seen_ = true;
      read_header(cells);
    } else if (scale_sim_) {
      read_scale_sim_row(cells);
    } else if (!columns_.empty()) {
      read_row(cells);
    }
    if (rows_.size() > kMaxRows) {
      report({file_, number, 1}, "", "too many GEMMs", "", "up to " + std::to_string(kMaxRows));
      stopped_ = true;
    }
  }

  /// `#: key = value`
  void read_head(int number, std::string_view text) {
    const SourceMark at{file_, number, 1};
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string key(trim(text.substr(0, equals)));
    const std::string value(trim(text.substr(std::min(equals + 1, text.size()))));
    const auto* const known =
        std::find_if(std::begin(kTraceHeadKeys), std::end(kTraceHeadKeys),
                     [&](const TraceHeadKey& candidate) { return key == candidate.csv; });
    if (known == std::end(kTraceHeadKeys)) {
      report(at, key, "unknown key", "", joined(head_key_names()));
      return;
    }
    if (known->kind != TraceHeadKey::Kind::kNotes && !head_keys_.insert(key).second) {
      report(at, key, "given twice", value, "");
    }
    switch (known->kind) {
      case TraceHeadKey::Kind::kText:
        head_.*known->text = value;
        return;
      case TraceHeadKey::Kind::kTokens:
        head_.tokens = number_in({value, 1}, number, known->csv, 0).value_or(0);
        return;
      case TraceHeadKey::Kind::kNotes:
        head_.notes.push_back(value);
        return;
    }
  }

  void read_header(const Line& line) {
    std::vector<std::string> names;
    for (const Cell& cell : line.cells) names.push_back(lower(cell.text));
    const auto has = [&](const char* name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (has("ifmap height")) {
      report(mark(line, 0), "", "this is SCALE-Sim's topology of convolutions", "",
             "its GEMM topology: Layer, M, N, K,");
      return;
    }
    scale_sim_ = names.size() >= 4 && names[0].substr(0, 5) == "layer" && names[1] == "m" &&
                 names[2] == "n" && names[3] == "k" && !has("op");
    if (!scale_sim_) read_columns(line, names);
  }

  void read_columns(const Line& line, const std::vector<std::string>& names) {
    const std::vector<std::string> all = column_names();
    bool usable = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool known = std::find(all.begin(), all.end(), names[i]) != all.end();
      if (!known) {
        const std::string near = nearest(names[i], all);
        report(
            mark(line, i), "",
            "unknown column" + (near.empty() ? std::string() : " (did you mean '" + near + "'?)"),
            "'" + line.cells[i].text.substr(0, 40) + "'", joined(all));
        usable = false;
      } else if (!column_of_.emplace(names[i], i).second) {
        report(mark(line, i), "", "column given twice", names[i], "");
        usable = false;
      }
    }
    for (const TraceColumn& column : kTraceColumns) {
      if (column.need == Need::kOptional || column_of_.count(column.name)) continue;
      report({file_, line.number, 1}, column.name, "missing column", "", kHeader);
      usable = false;
    }
    if (usable) columns_ = names;
  }

  SourceMark mark(const Line& line, std::size_t cell) const {
    return {file_, line.number, cell < line.cells.size() ? line.cells[cell].column : 1};
  }

  std::optional<std::int64_t> number_in(const Cell& cell, int line, const std::string& name,
                                        std::int64_t min) {
    std::string why;
    const auto value = strict_integer(cell.text, why);
    const SourceMark at{file_, line, cell.column};
    const std::string allowed = std::to_string(min) + ".." + std::to_string(kMaxDimension);
    const std::string shown = "'" + cell.text.substr(0, 40) + "'";
    if (!value) {
      report(at, name, "must be a whole number: " + why, shown, allowed);
      return std::nullopt;
    }
    if (*value < min || *value > kMaxDimension) {
      report(at, name, "out of range", shown, allowed);
      return std::nullopt;
    }
    return value;
  }

  void read_row(const Line& line) {
    if (line.cells.size() != columns_.size()) {
      report(mark(line, std::min(line.cells.size(), columns_.size())), "", "wrong number of cells",
             std::to_string(line.cells.size()), std::to_string(columns_.size()) + " as the header");
      return;
    }
    Gemm g;
    g.at = {file_, line.number, line.cells.front().column};
    bool ok = true;
    for (const TraceColumn& column : kTraceColumns) {
      const auto found = column_of_.find(column.name);
      if (found == column_of_.end()) continue;
      const Cell& cell = line.cells[found->second];
      if (!cell.text.empty() || column.need == Need::kRequired) {
        ok &= read_cell(line, cell, column, g);
      }
    }
    if (ok) rows_.push_back(std::move(g));
  }

  bool read_cell(const Line& line, const Cell& cell, const TraceColumn& column, Gemm& g) {
    switch (column.kind) {
      case TraceColumn::Kind::kName:
        return read_name(line, cell, column.name, g.*column.text);
      case TraceColumn::Kind::kNumber: {
        const auto value = number_in(cell, line.number, column.name, column.min);
        g.*column.number = value.value_or(g.*column.number);
        return value.has_value();
      }
      case TraceColumn::Kind::kScheme:
        g.scheme = cell.text;
        return true;
      case TraceColumn::Kind::kRole:
        return read_role(line, cell, g);
      case TraceColumn::Kind::kCausal:
        return read_causal(line, cell, g);
    }
    throw InvariantError("a column of no kind");
  }

  bool read_name(const Line& line, const Cell& cell, const char* column, std::string& out) {
    const std::string fault = name_fault(cell.text);
    if (!fault.empty()) {
      report({file_, line.number, cell.column}, column, fault, "'" + cell.text.substr(0, 40) + "'",
             kNameRule);
    }
    out = cell.text;
    return fault.empty();
  }

  bool read_role(const Line& line, const Cell& cell, Gemm& g) {
    const auto role = parse_role(cell.text);
    if (!role) {
      report({file_, line.number, cell.column}, "role", "unknown role", cell.text, role_names());
    }
    g.role = role.value_or(GemmRole::kLinear);
    return role.has_value();
  }

  bool read_causal(const Line& line, const Cell& cell, Gemm& g) {
    if (cell.text == "no") return true;
    const SourceMark at{file_, line.number, cell.column};
    if (cell.text != "yes") {
      report(at, "causal", "must be yes or no", cell.text, "yes, no");
      return false;
    }
    g.causal = causal_of(g.role);
    if (g.causal == Causal::kNone) {
      report(at, "causal", "only attention has a causal mask", role_name(g.role), "scores, values");
      return false;
    }
    return true;
  }

  /// Layer, M, N, K [, batch or sparsity [, batch]] and perhaps a comma at the end.
  void read_scale_sim_row(const Line& line) {
    std::vector<Cell> cells = line.cells;
    while (cells.size() > 4 && cells.back().text.empty()) cells.pop_back();
    if (cells.size() < 4 || cells.size() > 6) {
      report({file_, line.number, 1}, "", "wrong number of cells", std::to_string(cells.size()),
             "Layer, M, N, K, and at most a sparsity ratio and a batch");
      return;
    }
    Gemm g;
    g.at = {file_, line.number, cells.front().column};
    g.op = "gemm";
    bool ok = read_name(line, cells[0], "Layer", g.layer);
    const auto number = [&](std::size_t i, const char* name, std::int64_t& out) {
      const auto value = number_in(cells[i], line.number, name, 1);
      ok &= value.has_value();
      out = value.value_or(1);
    };
    number(1, "M", g.m);
    number(2, "N", g.n);
    number(3, "K", g.k);
    for (std::size_t i = 4; i < cells.size(); ++i) {
      if (i == 4 && cells[i].text.find(':') != std::string::npos) {
        ok &= is_dense(line, cells[i]);
      } else if (!cells[i].text.empty()) {
        number(i, "batch", g.batch);
      }
    }
    if (ok) rows_.push_back(std::move(g));
  }

  /// N:M keeps N of every M weights: N = M is dense.
  bool is_dense(const Line& line, const Cell& cell) {
    const std::size_t colon = cell.text.find(':');
    const std::string_view text = cell.text;
    if (trim(text.substr(0, colon)) == trim(text.substr(colon + 1))) return true;
    report({file_, line.number, cell.column}, "sparsity", "sparse weights are not modelled",
           cell.text, "1:1");
    return false;
  }

  const std::string& file_;
  Diagnostics& wrong_;
  TraceHead head_;
  std::set<std::string> head_keys_;
  std::vector<Gemm> rows_;
  bool header_seen_ = false;
  bool scale_sim_ = false;
  bool stopped_ = false;
  std::vector<std::string> columns_;  ///< of a usable header of ours
  std::map<std::string, std::size_t> column_of_;
};

}  // namespace

std::optional<Workload> read_trace_csv(const std::string& file, std::string_view text,
                                       const DefaultScheme& scheme, Diagnostics& wrong) {
  Diagnostics here;
  CsvTrace trace(file, here);
  trace.read(text);
  // Rows that could be read are checked further, so that all mistakes appear at once.
  std::optional<Workload> workload =
      finish_trace(file, std::move(trace.head()), std::move(trace.rows()), scheme, here);
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return here.ok() ? std::move(workload) : std::nullopt;
}

std::optional<Workload> parse_trace_csv(const std::string& file, std::string_view text,
                                        const std::string& default_scheme, Diagnostics& wrong) {
  return read_trace_csv(file, text, {default_scheme, Need::kRequired}, wrong);
}

}  // namespace mixpe
