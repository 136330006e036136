#include "sim/workload/llm_phase.h"

namespace mixpe {

std::optional<Workload> build_phase_workload(const Llm& llm, const LlmPhase& phase,
                                             const Scheme& scheme, const std::string& file,
                                             Diagnostics& wrong) {
  const LlmRun run{phase.phase == "prefill" ? Phase::kPrefill : Phase::kDecode, phase.batch,
                   phase.tokens, phase.context};
  Diagnostics own;
  std::optional<Workload> workload = build_llm_workload(llm, run, scheme, own);
  for (Diagnostic d : own.list()) {
    if (d.at.file.empty()) d.at.file = file + ", phase " + phase.name;
    wrong.add(std::move(d));
  }
  return workload;
}

Schema<LlmPhase> llm_phase_schema(const std::string& name_doc, Need phase_need) {
  constexpr std::int64_t kMaxTokens = std::int64_t{1} << 24;
  return Schema<LlmPhase>()
      .text("name", &LlmPhase::name, Need::kRequired, name_doc)
      .choice("phase", &LlmPhase::phase,
              {{"prefill", std::string("prefill")}, {"decode", std::string("decode")}}, phase_need,
              "which GEMMs of the model run")
      .integer("batch", &LlmPhase::batch, 1, 65536, Need::kOptional, "sequences")
      .integer("tokens", &LlmPhase::tokens, 1, kMaxTokens, Need::kOptional,
               "prefill: new tokens of each sequence")
      .integer("context", &LlmPhase::context, 0, kMaxTokens, Need::kOptional,
               "decode: tokens attended to, the new one included; prefill: tokens already cached");
}

}  // namespace mixpe
