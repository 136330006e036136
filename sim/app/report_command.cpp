#include "sim/app/report_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/core/errors.h"
#include "sim/app/sweep_layers.h"
#include "sim/report/output.h"
#include "sim/report/page.h"
#include "sim/report/result_file.h"
#include "sim/sweep/page_data.h"

namespace mixpe {
namespace {

constexpr std::string_view kSqlite = "SQLite format 3";  // how such files begin

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& got) {
  throw UserError(Diagnostic{{path, 0, 0},
                             {},
                             what,
                             got,
                             "a store of mixpe sweep, or a result.json of mixpe run or compare"}
                      .text());
}

/// The whole text of a result, or the first bytes of a store.
std::string text_of(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) refuse(path, "cannot be read", "no such file");
  if (!std::filesystem::is_regular_file(status)) refuse(path, "cannot be read", "no regular file");
  std::ifstream in(path, std::ios::binary);
  std::string begin(kSqlite.size(), '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (!in && !in.eof()) refuse(path, "cannot be read", std::strerror(errno));
  begin.resize(static_cast<std::size_t>(in.gcount()));
  if (begin == kSqlite) return begin;
  const std::size_t first = begin.find_first_not_of(" \t\r\n");
  if (first == std::string::npos && begin.size() < kSqlite.size()) refuse(path, "is empty", "");
  if (first != std::string::npos && begin[first] != '{') {
    refuse(path, "is neither a store nor a result", "");
  }
  std::stringstream rest;
  if (in.good()) rest << in.rdbuf();
  return begin + rest.str();
}

/// Indices of the points that the user calls by their rows, each once.
std::vector<std::size_t> asked_points(const std::vector<std::int64_t>& rows,
                                      const std::vector<StoredPoint>& points) {
  std::vector<std::size_t> asked;
  for (const std::int64_t row : rows) {
    const std::size_t i = static_cast<std::size_t>(row) - 1;
    const bool known = i < points.size();
    if (!known || points[i].status > PointStatus::kViolates) {
      throw UserError(fmt::format(
          "--design: {}; got {}; allowed rows of what sweep show --csv writes, with results",
          known ? "has no results" : "no such design", row));
    }
    if (std::count(asked.begin(), asked.end(), i) == 0) asked.push_back(i);
  }
  return asked;
}

/// `note` becomes what to say of it on the command line.
std::string page_of(const ReportOptions& o, std::string& note) {
  const std::string text = text_of(o.input);
  if (text == kSqlite) {
    Store store = Store::read(o.input);
    const SweepPlan plan = plan_of(store);
    const std::vector<StoredPoint> points = store.points();
    auto layers = sweep_layers(points, store.meta(), plan, asked_points(o.designs, points));
    if (layers["designs"].empty() && layers["without"] != "") {
      note = "note: " + layers["without"].get<std::string>() + "\n";
    }
    return page_html("sweep " + plan.name,
                     sweep_page_json(points, store.meta(), plan, std::move(layers)));
  }
  if (!o.designs.empty()) throw UserError("--design: only a sweep's store has rows to choose from");
  const nlohmann::ordered_json data = read_result(o.input, text);
  return page_html(data["title"].get<std::string>(), data.dump());
}

}  // namespace

std::string report_command(const ReportOptions& o) {
  check_writable(o.output);
  std::string note;
  std::string page = page_of(o, note);
  const double mb = 1e-6 * static_cast<double>(page.size());
  write_files({{o.output, std::move(page)}});
  return note + fmt::format("{}: written, {:.1f} MB; open it in a browser\n", o.output, mb);
}

}  // namespace mixpe
