#pragma once
// mixpe characterize: prices from the project's RTL and a cell library.

#include <cstdint>
#include <string>
#include <vector>

namespace mixpe {

struct CharacterizeOptions {
  std::vector<std::string> pes;  ///< empty: everything
  std::string liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  std::string clock = "100MHz";
  double node_nm = 180;  ///< of the library, for tech.yaml
  std::string output;    ///< a technology's folder; empty: only the table
  std::uint64_t seed = 1;
  int jobs = 0;  ///< 0: one for each core
};
std::string characterize_command(const CharacterizeOptions& options);

}  // namespace mixpe
