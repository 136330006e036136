#pragma once
// The results of a sweep in one SQLite file (WAL).
//  * A point is one row of the table `points`, written in one transaction: its key (the hash of
//    everything its result depends on), status, reason, the values of the sweep's keys and its
//    metrics, each a column of its own, so that any SQLite tool can ask questions.
//  * The table `meta` says which sweep, revision and columns these are; a store of another sweep or
//    revision is refused.
//  * Several processes may write one store: a row is only added if its key is new.

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/plan.h"

namespace mixpe {

enum class PointStatus {
  kDone,
  kViolates,    ///< done, but a constraint on its results does not hold
  kImpossible,  ///< the simulator says why it cannot run: does not fit the buffers, say
  kFailed,      ///< crashed, took too long, needed too much memory
};
const char* status_name(PointStatus status);

struct StoredPoint {
  std::string key;
  PointStatus status = PointStatus::kDone;
  std::string reason;               ///< empty if done
  std::vector<std::string> values;  ///< of StoreMeta::keys
  std::vector<double> metrics;      ///< of StoreMeta::metrics; NaN: none
};

struct StoreMeta {
  std::string revision;  ///< of the program
  std::string identity;  ///< SweepPlan::identity
  std::string name;      ///< of the sweep file
  std::string source;    ///< its text
  std::vector<std::string> keys, metrics;
};

/// What the store's errors become: UserError with advice.
class Store {
 public:
  /// Opens or creates for writing. UserError if it is no store, damaged, locked, not writable, or
  /// of another sweep or revision. A sweep file whose points are the same replaces the old text.
  static Store open(const std::string& path, const StoreMeta& meta);
  /// Opens for reading only.
  static Store read(const std::string& path);

  const std::string& path() const { return path_; }
  const StoreMeta& meta() const { return meta_; }
  bool has(const std::string& key);
  std::optional<StoredPoint> find(const std::string& key);
  /// False if its key was there already. Durable when this returns.
  bool add(const StoredPoint& point);
  /// All at once: for merging.
  void add_all(const std::vector<StoredPoint>& points);
  /// Forgets failed points, so that they are run again; how many.
  int forget_failed();
  /// Every point, sorted by key, with these metrics (empty: all of meta().metrics).
  std::vector<StoredPoint> points(const std::vector<std::string>& metrics = {});

 private:
  Store(std::string path, std::unique_ptr<SQLite::Database> db)
      : path_(std::move(path)), db_(std::move(db)) {}
  void create(const StoreMeta& meta);
  void load_meta();
  void check_same(const StoreMeta& meta);
  std::string insert_sql() const;
  void insert(SQLite::Statement& insert, const StoredPoint& point) const;
  StoredPoint row(SQLite::Statement& select, std::size_t metrics) const;

  std::string path_;
  std::unique_ptr<SQLite::Database> db_;
  StoreMeta meta_;
};

/// The plan that a store was made from.
SweepPlan plan_of(const Store& store);

/// Who works on which point, between processes: a lock on one byte of `<store>-claims` per point.
/// The system frees the locks of a process that ends, however it ends.
class Claims {
 public:
  explicit Claims(const std::string& store_path);
  ~Claims();
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;
  bool claim(const std::string& key);  ///< false: another process has it
  void release(const std::string& key);

 private:
  bool lock(const std::string& key, short kind);
  bool lock_range(std::int64_t offset, std::int64_t bytes, short kind);
  std::string path_;
  int fd_ = -1;
};

}  // namespace mixpe
