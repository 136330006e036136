#include "sim/timing/engines/tile_engine.h"

#include "sim/timing/tile_values.h"

namespace mixpe {
namespace {

class TileEngine final : public ArrayEngine {
 public:
  explicit TileEngine(const ArrayWork& work) : work_(work) {
    if (work.operands != nullptr) values_ = std::make_unique<TileValues>(work_);
  }

  TileTiming stream(const TileStep& step, std::int64_t ready, bool with_values) override {
    if (!(step.shape == last_shape_)) {
      last_shape_ = step.shape;
      last_events_ = tile_events(work_, step.shape);
    }
    counters_ += last_events_;
    if (with_values && values_ != nullptr) values_->compute(step, counters_);
    return stream_tile(work_.timing, step.shape, ready, edge_);
  }
  void finish() override {}
  const Counters& counters() const override { return counters_; }

 private:
  ArrayWork work_;
  std::unique_ptr<TileValues> values_;
  EdgeState edge_;
  TileShape last_shape_;  ///< neighbouring tiles are mostly alike
  Counters last_events_;
  Counters counters_;
};

}  // namespace

std::unique_ptr<ArrayEngine> make_tile_engine(const ArrayWork& work) {
  return std::make_unique<TileEngine>(work);
}

}  // namespace mixpe
