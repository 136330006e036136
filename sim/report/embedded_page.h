#pragma once
// The files of the report page, put into the program when it is built (cmake/EmbedText.cmake).

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace mixpe {

/// The text of each file, by its path in the source tree.
const std::map<std::string, std::string_view, std::less<>>& embedded_page();

}  // namespace mixpe
