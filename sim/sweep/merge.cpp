#include "sim/sweep/merge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>

#include "models/core/errors.h"
#include "sim/report/output.h"
#include "sim/sweep/store.h"

namespace mixpe {
namespace {

struct Found {
  StoredPoint point;
  const std::string* store = nullptr;  ///< its path
};

bool same(const StoredPoint& a, const StoredPoint& b) {
  if (a.status != b.status || a.reason != b.reason || a.values != b.values) return false;
  if (a.metrics.size() != b.metrics.size()) return false;
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    const bool both_none = std::isnan(a.metrics[i]) && std::isnan(b.metrics[i]);
    if (!both_none && a.metrics[i] != b.metrics[i]) return false;
  }
  return true;
}

void check_same_sweep(const StoreMeta& first, const std::string& first_path, const StoreMeta& other,
                      const std::string& path, Diagnostics& wrong) {
  if (other.revision != first.revision) {
    wrong.add({{path, 0, 0},
               {},
               "is of another revision of the program than " + first_path,
               other.revision,
               first.revision});
  } else if (other.identity != first.identity) {
    wrong.add({{path, 0, 0},
               {},
               "belongs to another sweep than " + first_path,
               other.name,
               first.name + " as it was for that store"});
  }
}

}  // namespace

std::string merge_stores(const std::vector<std::string>& inputs, const std::string& output) {
  if (std::filesystem::exists(output)) {
    throw UserError(output + ": exists; allowed a new name: a merge never adds to a store");
  }
  check_writable(output);
  std::map<std::string, Found> all;
  StoreMeta meta;
  std::size_t equal = 0;
  Diagnostics wrong;
  for (const std::string& path : inputs) {
    Store store = Store::read(path);
    if (&path == &inputs.front()) meta = store.meta();
    check_same_sweep(meta, inputs.front(), store.meta(), path, wrong);
    if (!wrong.ok()) continue;
    for (StoredPoint& point : store.points()) {
      const auto [at, is_new] = all.try_emplace(point.key, Found{point, &path});
      StoredPoint& known = at->second.point;
      if (is_new || point.status == PointStatus::kFailed) continue;
      if (known.status == PointStatus::kFailed) {
        at->second = {std::move(point), &path};
      } else if (same(known, point)) {
        ++equal;
      } else {
        wrong.add({{path, 0, 0},
                   "point " + point.key,
                   "conflicts with " + *at->second.store,
                   {},
                   "equal results: one of the stores is damaged or was edited"});
      }
    }
  }
  wrong.throw_if_any();
  std::vector<StoredPoint> points;
  for (auto& [key, found] : all) points.push_back(std::move(found.point));
  const std::string temporary = output + ".tmp." + std::to_string(::getpid());
  {
    Store merged = Store::open(temporary, meta);
    merged.add_all(points);
  }
  if (std::rename(temporary.c_str(), output.c_str()) != 0) {
    std::remove(temporary.c_str());
    throw UserError(output + ": cannot be written");
  }
  return fmt::format("{}: {} points from {} stores, {} of them in more than one, no conflicts\n",
                     output, points.size(), inputs.size(), equal);
}

}  // namespace mixpe
