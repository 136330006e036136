#include "sim/app/work.h"

#include "models/pe/registry.h"
#include "sim/app/progress.h"
#include "sim/cosim/rtl_array_waves.h"
#include "sim/cosim/rtl_engine.h"
#include "sim/timing/engines/tile_engine.h"

namespace mixpe {
GemmWork::GemmWork(const RunRequest& request, const ScheduledGemm& gemm,
                   const std::optional<ValueRequest>& values, std::uint64_t stream)
    : request_(request), gemm_(gemm), values_(values), stream_(stream), work_(array_work(gemm)) {
  if (request.arch.pe.has_values) pe_ = make_pe(request.arch.pe);
  work_.pe = pe_.get();
  if (request.arch.array.engine == Engine::kRtl) check_rtl_can_run(work_);
}

bool GemmWork::in_closed_form() const {
  return !values_ && !timeline_ && request_.arch.array.engine == Engine::kTile;
}

GemmResult GemmWork::calculate() const {
  return mixpe::calculate(gemm_,
                          [this](const TileShape& shape) { return tile_events(work_, shape); });
}

GemmJob GemmWork::job() {
  return {&gemm_, [this] { return start(); }, values_.has_value(),
          timeline_ ? &*timeline_ : nullptr};
}

void GemmWork::record(std::int64_t tiles) {
  timeline_.emplace();
  timeline_->limit = tiles;
}

std::unique_ptr<ArrayEngine> GemmWork::start() {
  if (values_) {
    const GemmTask& task = gemm_.problem.task;
    operands_ = make_operands(gemm_.problem.quant, task.m, task.n, task.k, values_->distribution,
                              values_->seed, stream_);
    // Sums that nothing scales stay integers, if the PE's operands are integers.
    psums_.integer = !work_.scale_groups && work_.formats.act.is_integer();
    const auto outputs = static_cast<std::size_t>(task.m * task.n);
    psums_.integers.assign(psums_.integer ? outputs : 0, 0);
    psums_.real.assign(psums_.integer ? 0 : outputs, 0.0F);
    work_.operands = &operands_;
    work_.psums = &psums_;
  }
  const Engine engine = request_.arch.array.engine;
  const std::string waves = stream_ == 0 ? request_.waves : "";
  if (engine == Engine::kRtl) {
    RtlEngineOptions options;
    options.waves = waves;
    return make_rtl_engine(work_, options);
  }
  return waves.empty() ? make_engine(engine, work_) : make_observed_engine(engine, work_, waves);
}

void GemmWork::finish() {
  if (!values_) return;
  const GemmQuant& quant = gemm_.problem.quant;
  const UnquantisedOperands unquantised(quant, operands_.k, values_->distribution, values_->seed,
                                        stream_);
  report_ = value_report(operands_, psums_, quant.out, 0, values_->seed, &unquantised);
  if (values_->price_operands) {
    statistics_ =
        mixpe::operand_statistics(operands_, request_.arch.array.dataflow, gemm_.mode->lanes_k);
  }
  operands_ = {};
  psums_ = {};
}

std::vector<GemmResult> run_works(const std::vector<std::unique_ptr<GemmWork>>& works) {
  std::vector<GemmResult> results(works.size());
  std::vector<GemmJob> jobs;
  std::vector<std::size_t> simulated;
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (works[i]->in_closed_form()) {
      results[i] = works[i]->calculate();
    } else {
      jobs.push_back(works[i]->job());
      simulated.push_back(i);
    }
  }
  if (jobs.empty()) return results;
  Progress progress("simulating GEMM", jobs.size());
  SimulateOptions options;
  options.progress = [&](std::size_t done) {
    works[simulated[done - 1]]->finish();
    progress.done(done);
  };
  const std::vector<GemmResult> found = simulate(jobs, options);
  for (std::size_t i = 0; i < found.size(); ++i) results[simulated[i]] = found[i];
  return results;
}

}  // namespace mixpe
