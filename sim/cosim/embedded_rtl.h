#pragma once
// The sources of rtl/, embedded in the binary: it works from any directory, and what is compiled is
// what was shipped.

#include <map>
#include <string>
#include <string_view>

namespace mixpe {

/// Text of every .sv, .svh, .vlt and .yaml file below rtl/, by its path there:
/// "common/fp32_add.sv".
const std::map<std::string, std::string_view, std::less<>>& embedded_rtl();

}  // namespace mixpe
