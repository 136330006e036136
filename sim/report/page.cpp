#include "sim/report/page.h"

#include <array>
#include <utility>

#include "models/core/errors.h"
#include "sim/report/embedded_page.h"

namespace mixpe {
namespace {

constexpr const char* kCharts = "third_party/echarts/echarts.min.js";
/// In the order in which they use each other.
constexpr std::array<const char*, 6> kScripts = {"format.js", "widgets.js", "charts.js",
                                                 "sweep.js",  "runs.js",    "main.js"};

std::string_view file(const std::string& path) {
  const auto& files = embedded_page();
  const auto found = files.find(path);
  check_invariant(found != files.end(), "the report page's files are in the program");
  return found->second;
}

std::string html_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// JSON that cannot end the script element it stands in, nor open another: a `<` can only be in a
/// string, where it may be written as a number.
std::string json_in_script(const std::string& json) {
  std::string escaped;
  escaped.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string page_html(const std::string& title, const std::string& data) {
  const std::string folder = "sim/report/page/";
  std::string scripts = "\"use strict\";\n";
  for (const char* script : kScripts) scripts += file(folder + script);
  const std::pair<std::string_view, std::string> places[] = {
      {"@title@", html_text(title)},
      {"@style@", std::string(file(folder + "page.css"))},
      {"@data@", json_in_script(data)},
      {"@charts@", std::string(file(kCharts))},
      {"@scripts@", scripts}};
  std::string_view page = file(folder + "page.html");
  std::string html;
  // The places stand in this order, each once; what is put in is not searched again.
  for (const auto& [place, text] : places) {
    const std::size_t at = page.find(place);
    check_invariant(at != std::string_view::npos, "page.html has a place for everything, in order");
    html.append(page.substr(0, at)).append(text);
    page.remove_prefix(at + place.size());
  }
  return html.append(page);
}

}  // namespace mixpe
