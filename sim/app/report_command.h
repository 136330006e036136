#pragma once
// mixpe report: a page from what was written before. As commands.h.

#include <cstdint>
#include <string>
#include <vector>

namespace mixpe {

struct ReportOptions {
  std::string input;                  ///< a store of a sweep, or a result.json of run or compare
  std::string output;                 ///< HTML
  std::vector<std::int64_t> designs;  ///< of a store: rows of its CSV whose layers are shown, too
};
std::string report_command(const ReportOptions& options);

}  // namespace mixpe
