#pragma once
// A phase of an LLM as studies and sweeps write it.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/config/schema.h"
#include "sim/workload/llm.h"

namespace mixpe {

struct LlmPhase {
  std::string name;
  std::string llm;           ///< a file, or a name in configs/llms; empty: that of all phases
  std::string phase;         ///< "prefill" or "decode"; empty: only traces can run in it
  std::int64_t batch = 1;    ///< sequences
  std::int64_t tokens = 0;   ///< prefill: new tokens of each sequence
  std::int64_t context = 0;  ///< decode: tokens attended to, the new one included
};

/// The phase's GEMMs; as build_llm_workload(), with mistakes in the phase at `file`.
std::optional<Workload> build_phase_workload(const Llm& llm, const LlmPhase& phase,
                                             const Scheme& scheme, const std::string& file,
                                             Diagnostics& wrong);

/// The keys of a phase, but for `llm`.
Schema<LlmPhase> llm_phase_schema(const std::string& name_doc, Need phase_need);

}  // namespace mixpe
