#pragma once
// mixpe sweep, sweep show, sweep merge. As commands.h; interrupted work throws Interrupted.

#include <string>
#include <vector>

namespace mixpe {

struct SweepOptions {
  std::string sweep;     ///< a file, or a name in configs/sweeps
  int workers = 0;       ///< 0: one for each core
  std::string store;     ///< empty: <file's stem>.db here
  std::string shard;     ///< "2/8"; empty: everything
  bool dry_run = false;  ///< only say what would be done
  bool retry_failed = false;
  std::string csv, json, chart;  ///< output files; empty: none
};
std::string sweep_command(const SweepOptions& options);

struct SweepShowOptions {
  std::string store;
  std::string csv, json, chart;
};
std::string sweep_show_command(const SweepShowOptions& options);

struct SweepMergeOptions {
  std::vector<std::string> stores;
  std::string output;
};
std::string sweep_merge_command(const SweepMergeOptions& options);

/// Ctrl-C or termination; what is finished is stored. Exit code 128 + signal.
struct Interrupted {
  int signal = 0;
  std::string text;  ///< how to go on
};

}  // namespace mixpe
