// The kinds of files this stage reads, for `mixpe validate` and docs/configuration.md.

#include "sim/config/reference.h"
#include "sim/workload/llm.h"
#include "sim/workload/scheme.h"
#include "sim/workload/trace.h"

namespace mixpe {
namespace {

const FileKindRegistration kLlm{
    {"llm",
     {"hidden", "ffn"},
     nullptr,
     [] { return "Shapes of a model; keys: `configs/llms/README.md`.\n"; },
     [](const std::string& path, Diagnostics& wrong) { load_llm(path, wrong); }}};

const FileKindRegistration kScheme{
    {"scheme",
     {"weight", "attention"},
     nullptr,
     [] { return "How a model is quantised; keys: `configs/schemes/README.md`.\n"; },
     [](const std::string& path, Diagnostics& wrong) { load_scheme(path, wrong); }}};

const FileKindRegistration kTrace{
    {"trace",
     {"trace", "gemms"},
     nullptr,
     [] { return "A list of GEMMs, YAML or CSV; grammar: `traces/README.md`.\n"; },
     [](const std::string& path, Diagnostics& wrong) { load_trace(path, "", wrong); },
     ".csv"}};

}  // namespace
}  // namespace mixpe
