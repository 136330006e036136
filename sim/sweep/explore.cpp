#include "sim/sweep/explore.h"

#include <cstring>
#include <deque>
#include <thread>

#include "sim/sweep/metrics.h"

namespace mixpe {
namespace {

/// How often to look whether another process has finished a point.
constexpr std::chrono::milliseconds kPoll{200};

std::string bytes_of(const Choice& choice) {
  return {reinterpret_cast<const char*>(choice.data()), choice.size() * sizeof choice[0]};
}

Choice choice_of(const std::string& bytes) {
  Choice choice(bytes.size() / sizeof(Choice::value_type));
  std::memcpy(choice.data(), bytes.data(), bytes.size());
  return choice;
}

/// What a worker answers: status, metrics, reason.
std::string encode(const StoredPoint& point) {
  const auto status = static_cast<std::uint64_t>(point.status);
  const std::uint64_t metrics = point.metrics.size();
  std::string text(2 * sizeof status + metrics * sizeof(double), '\0');
  std::memcpy(text.data(), &status, sizeof status);
  std::memcpy(text.data() + sizeof status, &metrics, sizeof metrics);
  if (metrics > 0) {
    std::memcpy(text.data() + 2 * sizeof status, point.metrics.data(), metrics * sizeof(double));
  }
  return text + point.reason;
}

void decode(const std::string& text, StoredPoint& point) {
  std::uint64_t head[2] = {};
  check_invariant(text.size() >= sizeof head, "a worker's answer is whole");
  std::memcpy(head, text.data(), sizeof head);
  const std::size_t bytes = head[1] * sizeof(double);
  check_invariant(text.size() >= sizeof head + bytes, "a worker's answer is whole");
  point.status = static_cast<PointStatus>(head[0]);
  point.metrics.resize(head[1]);
  if (bytes > 0) std::memcpy(point.metrics.data(), text.data() + sizeof head, bytes);
  point.reason = text.substr(sizeof head + bytes);
}

std::vector<std::string> values_of(const Exploration& e, const Choice& choice) {
  Diagnostics ignored;
  std::vector<std::string> values;
  const auto assignment = e.resolver.assignment(choice, ignored);
  check_invariant(assignment.has_value(), "a planned point has all its values");
  for (const auto& [key, value] : *assignment) values.push_back(value);
  return values;
}

}  // namespace

StoredPoint run_point(const Exploration& e, const Choice& choice) {
  Diagnostics wrong;
  const std::optional<ResolvedPoint> resolved = e.resolver.resolve(choice, wrong);
  wrong.throw_if_any();
  StoredPoint point;
  point.key = resolved->key;
  try {
    point.metrics = metrics_of(e.evaluate(*resolved), resolved->prices);
    if (const auto broken = e.judge.violated_by(*resolved, point.metrics)) {
      point.status = PointStatus::kViolates;
      point.reason = e.plan.constraints[*broken].rule.text();
    }
  } catch (const UserError& error) {
    point.status = PointStatus::kImpossible;
    point.reason = error.what();
    // One line says enough; the rest repeats it for other layers.
    point.reason.resize(std::min(point.reason.find('\n'), point.reason.size()));
  }
  return point;
}

bool explore(const Exploration& e, std::span<const PlannedPoint> points, Store& store,
             const std::function<void(std::size_t)>& progress) {
  Claims claims(store.path());
  WorkerPool pool(e.pool, [&e](const std::string& request) {
    return encode(run_point(e, choice_of(request)));
  });
  std::size_t finished = 0;
  std::deque<std::size_t> todo, elsewhere;  // indices of `points`
  for (std::size_t i = 0; i < points.size(); ++i) todo.push_back(i);

  const auto next = [&]() -> std::optional<PoolJob> {
    while (!todo.empty()) {
      const std::size_t i = todo.front();
      todo.pop_front();
      if (!claims.claim(points[i].key)) {
        elsewhere.push_back(i);
      } else if (store.has(points[i].key)) {
        claims.release(points[i].key);
        progress(++finished);
      } else {
        return PoolJob{i, bytes_of(points[i].choice)};
      }
    }
    return std::nullopt;
  };
  const auto done = [&](std::size_t i, const PoolAnswer& answer) {
    StoredPoint point;
    if (answer.reply) {
      decode(*answer.reply, point);
    } else {
      point.status = PointStatus::kFailed;
      point.reason = answer.failure;
    }
    point.key = points[i].key;
    point.values = values_of(e, points[i].choice);
    store.add(point);
    claims.release(point.key);
    progress(++finished);
  };
  while (pool.run(next, done)) {
    if (elsewhere.empty()) return true;
    std::this_thread::sleep_for(kPoll);
    todo.swap(elsewhere);
  }
  return false;
}

}  // namespace mixpe
