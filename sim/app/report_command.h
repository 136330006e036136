#pragma once
// mixpe report: a page from what was written before. As commands.h.

#include <string>

namespace mixpe {

struct ReportOptions {
  std::string input;   ///< a store of a sweep, or a result.json of run or compare
  std::string output;  ///< HTML
};
std::string report_command(const ReportOptions& options);

}  // namespace mixpe
