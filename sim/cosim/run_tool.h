#pragma once
// Runs another program and keeps what it says.

#include <filesystem>
#include <string>
#include <vector>

namespace mixpe {

struct ToolResult {
  bool found = true;   ///< false: no such program in PATH
  int exit_code = 0;   ///< 128 + signal if one ended it
  std::string output;  ///< standard output and error
};

/// `arguments[0]` is looked up in PATH. Without a shell; standard input is empty.
ToolResult run_tool(const std::vector<std::string>& arguments,
                    const std::filesystem::path& directory);

}  // namespace mixpe
