#pragma once
// The report page: one HTML file with its data, scripts and styles inside, that asks no network for
// anything. What it shows is drawn by the scripts in page/ from the data.

#include <string>

namespace mixpe {

/// `data`: JSON with `kind`, "runs" (README.md) or "sweep" (sim/sweep/page_data.h). `title` is
/// plain text.
std::string page_html(const std::string& title, const std::string& data);

}  // namespace mixpe
