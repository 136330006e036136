#include "sim/characterize/campaign.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

#include "models/core/errors.h"
#include "sim/characterize/operand_source.h"

namespace mixpe {
Campaign::Campaign(CampaignSettings settings)
    : settings_(std::move(settings)), library_(load_liberty(settings_.liberty)) {
  provenance_ = {.yosys = yosys_version(),
                 .opensta = opensta_version(),
                 .library = std::filesystem::path(settings_.liberty).filename().string(),
                 .library_hash = library_.text_hash,
                 .streams = streams_text(settings_.seed),
                 .voltage_v = library_.voltage_v,
                 .temperature_c = library_.temperature_c,
                 .clock_ns = settings_.clock_ns};
}

Measurements Campaign::run(const std::vector<Subject>& subjects,
                           const std::function<void(std::size_t)>& done) const {
  const BuildCache cache = BuildCache::of_user();
  std::vector<Measurement> results(subjects.size());
  std::vector<std::exception_ptr> errors(subjects.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::size_t finished = 0;
  std::mutex reporting;
  const auto work = [&] {
    for (std::size_t i = next++; i < subjects.size() && !stop; i = next++) {
      try {
        results[i] = measure(subjects[i], library_, settings_.clock_ns, cache);
      } catch (...) {
        errors[i] = std::current_exception();
        stop = true;
      }
      const std::lock_guard lock(reporting);
      done(++finished);
    }
  };
  {
    std::vector<std::jthread> threads;
    const auto jobs = static_cast<std::size_t>(std::max(1, settings_.jobs));
    for (std::size_t j = 0; j < std::min(jobs, subjects.size()); ++j) threads.emplace_back(work);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  Measurements by_name;
  for (Measurement& m : results) by_name[m.name] = std::move(m);
  return by_name;
}

}  // namespace mixpe
