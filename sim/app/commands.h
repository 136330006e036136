#pragma once
// What the subcommands do once the command line is parsed. Each returns the text to print and
// throws UserError (exit code 2) or InvariantError (exit code 3).

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace mixpe {

/// Operands for the PEs.
struct ValueOptions {
  std::string values;  ///< distribution; empty: timing only
  std::uint64_t seed = 1;
  bool data_dependent_energy = false;  ///< PE energy follows them
};

struct RunOptions {
  std::string arch;                   ///< a file, or a name in configs/arch
  std::vector<std::string> traces;    ///< run one after another as one workload
  std::string scheme;                 ///< for GEMMs whose trace names none
  std::string engine;                 ///< overrides array.engine; empty: as the file says
  std::vector<std::string> settings;  ///< "array.rows=32"
  ValueOptions operands;
  std::string json, csv;      ///< output files; empty: none
  std::string report;         ///< output file: the page; empty: none
  std::string waves;          ///< file for signals, .vcd or .fst; empty: none
  std::string timeline;       ///< output file: Chrome trace; empty: none
  std::string timeline_gemm;  ///< only GEMMs of this op or layer; empty: all
};
std::string run_command(const RunOptions& options);

struct CompareOptions {
  std::vector<std::string> studies;  ///< files, or names in configs/studies
  std::string output;  ///< folder for result.json, summary.csv, layers.csv, report.txt; empty: none
  std::vector<std::string> settings;  ///< "tech=osu018": for every design, after its own
  ValueOptions operands;
  std::string follow;  ///< show how this design's lead moves from study to study; empty: reports
  std::string chart;   ///< SVG of it; empty: none
};
std::string compare_command(const CompareOptions& options);

std::string validate_command(const std::vector<std::string>& files);

struct ListOptions {
  std::string
      kind;  ///< "pes", "llms", "schemes", "archs", "techs", "studies", "sweeps"; empty: all
  bool keys = false;  ///< the reference of every key of every kind of file, Markdown, instead
};
std::string list_command(const ListOptions& options);

/// What was checked does not hold; what() is the text for standard output. Exit code 1.
class CheckFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CosimOptions {
  std::string pe, unit;  ///< the project's RTL to check; both empty: all of it
  std::string check;     ///< only checks whose name begins so
  std::string cases;     ///< "17:20": these of each check alone
  std::uint64_t seed = 1;
  bool full = false;
  bool first = false;       ///< stop at the first difference
  std::uint64_t pairs = 0;  ///< random pairs of operands too wide to enumerate; 0: the default
  // The user's own RTL instead.
  std::vector<std::string> rtl;  ///< files
  std::string top, as;           ///< its module, and the PE or unit it stands for
  std::vector<std::string> settings, parameters, plusargs;
  std::string dataflow;  ///< "os" (also if empty) or "ws"
  std::string each;      ///< "mutant=1:200": a plusarg and its values
};
/// Throws CheckFailed on a mismatch.
std::string cosim_command(const CosimOptions& options);

struct TraceGenOptions {
  std::string llm, phase, scheme;
  std::int64_t batch = 1, tokens = 0, context = 0;
  std::string output;  ///< empty: standard output
};
std::string trace_gen_command(const TraceGenOptions& options);

struct TraceInfoOptions {
  std::string trace;
  std::string scheme;
};
std::string trace_info_command(const TraceInfoOptions& options);

}  // namespace mixpe
