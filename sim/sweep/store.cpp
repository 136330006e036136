#include "sim/sweep/store.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <sqlite3.h>  // error codes
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "models/core/errors.h"

namespace mixpe {
namespace {

constexpr const char* kFormat = "mixpe sweep store 1";
constexpr int kBusyMs = 5'000;  // another process holds the lock for one transaction at a time
constexpr const char* kStatusNames[] = {"done", "violates", "impossible", "failed"};

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& got,
                         const std::string& allowed) {
  throw UserError(Diagnostic{{path, 0, 0}, {}, what, got, allowed}.text());
}

/// Runs `body`; what SQLite throws becomes the user's error with advice.
template <class Body>
auto guarded(const std::string& path, Body body) {
  try {
    return body();
  } catch (const SQLite::Exception& e) {
    const std::string got = e.what();
    switch (e.getErrorCode()) {
      case SQLITE_NOTADB:
        refuse(path, "is no sweep store", got, "a store written by mixpe sweep, or a new name");
      case SQLITE_CORRUPT:
        refuse(path, "is damaged", got,
               "a whole store; run the sweep into a new one and merge what is readable");
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        refuse(path, "is locked by another program", got,
               "a store that no other program keeps locked");
      case SQLITE_READONLY:
      case SQLITE_CANTOPEN:
      case SQLITE_PERM:
        refuse(path, "cannot be opened or written", got, "a file and folder with permission");
      case SQLITE_FULL:
      case SQLITE_IOERR:
        refuse(path, "cannot be written", got,
               "room on its disk; finished points are kept: free some and start again");
      default:
        refuse(path, "cannot be used as a store", got, "a store written by mixpe sweep");
    }
  }
}

std::string quoted(const std::string& name) {
  std::string s = "\"";
  for (const char c : name) s += c == '"' ? std::string("\"\"") : std::string(1, c);
  return s + "\"";
}

nlohmann::json json_of(const std::vector<std::string>& words) { return words; }

}  // namespace

const char* status_name(PointStatus status) { return kStatusNames[static_cast<int>(status)]; }

Store Store::open(const std::string& path, const StoreMeta& meta) {
  return guarded(path, [&] {
    Store store(path, std::make_unique<SQLite::Database>(
                          path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMs));
    // A point that was reported as finished survives a power cut.
    store.db_->exec("PRAGMA journal_mode=WAL");
    store.db_->exec("PRAGMA synchronous=FULL");
    store.create(meta);
    store.load_meta();
    store.check_same(meta);
    return store;
  });
}

Store Store::read(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::is_regular_file(status)) {
    refuse(path, "cannot be read",
           std::filesystem::exists(status) ? "no regular file" : "no such file",
           "a store written by mixpe sweep");
  }
  return guarded(path, [&] {
    // A connection that may write leaves no files beside the store; one to a folder where it may
    // not has to take the store as it is.
    try {
      Store store(path, std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, kBusyMs));
      store.load_meta();
      return store;
    } catch (const SQLite::Exception& e) {
      if (e.getErrorCode() != SQLITE_READONLY && e.getErrorCode() != SQLITE_CANTOPEN) throw;
    }
    std::string uri = "file:" + std::filesystem::absolute(path).string() + "?immutable=1";
    Store store(path, std::make_unique<SQLite::Database>(
                          uri, SQLite::OPEN_READONLY | SQLite::OPEN_URI, kBusyMs));
    store.load_meta();
    return store;
  });
}

/// Nothing if there are tables already.
void Store::create(const StoreMeta& meta) {
  SQLite::Transaction transaction(*db_, SQLite::TransactionBehavior::IMMEDIATE);
  if (db_->execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0) return;
  db_->exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  std::string columns = "key TEXT PRIMARY KEY, status INTEGER NOT NULL, reason TEXT NOT NULL";
  for (const std::string& key : meta.keys) columns += ", " + quoted(key) + " TEXT";
  for (const std::string& metric : meta.metrics) columns += ", " + quoted(metric) + " REAL";
  db_->exec("CREATE TABLE points (" + columns + ")");
  const std::pair<const char*, std::string> entries[] = {{"format", kFormat},
                                                         {"revision", meta.revision},
                                                         {"identity", meta.identity},
                                                         {"name", meta.name},
                                                         {"source", meta.source},
                                                         {"keys", json_of(meta.keys).dump()},
                                                         {"metrics", json_of(meta.metrics).dump()}};
  for (const auto& [key, value] : entries) {
    SQLite::Statement insert(*db_, "INSERT INTO meta VALUES (?, ?)");
    insert.bind(1, key);
    insert.bind(2, value);
    insert.exec();
  }
  transaction.commit();
}

void Store::load_meta() {
  const auto value = [&](const char* key) {
    if (!db_->tableExists("meta") || !db_->tableExists("points")) {
      refuse(path_, "is no sweep store", "another SQLite database", "a store of mixpe sweep");
    }
    SQLite::Statement select(*db_, "SELECT value FROM meta WHERE key = ?");
    select.bind(1, key);
    if (!select.executeStep()) {
      refuse(path_, "is no sweep store", std::string("no ") + key, "a store of mixpe sweep");
    }
    return select.getColumn(0).getString();
  };
  if (const std::string format = value("format"); format != kFormat) {
    refuse(path_, "is a store of another format", format, kFormat);
  }
  const auto words = [&](const char* key) {
    const auto json = nlohmann::json::parse(value(key), nullptr, false);
    if (!json.is_array()) refuse(path_, "is damaged", std::string("unreadable ") + key, "");
    return json.get<std::vector<std::string>>();
  };
  meta_ = {value("revision"), value("identity"), value("name"),
           value("source"),   words("keys"),     words("metrics")};
}

void Store::check_same(const StoreMeta& meta) {
  if (meta_.revision != meta.revision) {
    refuse(path_, "was written by another revision of the program", meta_.revision,
           meta.revision + ", or another --store: results of two revisions are not mixed");
  }
  if (meta_.identity != meta.identity || meta_.keys != meta.keys || meta_.metrics != meta.metrics) {
    refuse(path_, "belongs to another sweep file, or this one before it was edited", meta_.name,
           "the sweep file it was made from, or another --store");
  }
  if (meta_.source == meta.source) return;
  SQLite::Statement update(*db_, "UPDATE meta SET value = ? WHERE key = 'source'");
  update.bind(1, meta.source);
  update.exec();
  meta_.source = meta.source;
}

bool Store::has(const std::string& key) {
  return guarded(path_, [&] {
    SQLite::Statement select(*db_, "SELECT 1 FROM points WHERE key = ?");
    select.bind(1, key);
    return select.executeStep();
  });
}

std::string Store::insert_sql() const {
  std::string marks = "?, ?, ?";
  for (std::size_t i = 0; i < meta_.keys.size() + meta_.metrics.size(); ++i) marks += ", ?";
  return "INSERT OR IGNORE INTO points VALUES (" + marks + ")";
}

void Store::insert(SQLite::Statement& insert, const StoredPoint& p) const {
  check_invariant(p.values.size() == meta_.keys.size() &&
                      (p.metrics.empty() || p.metrics.size() == meta_.metrics.size()),
                  "a point has the store's columns");
  insert.reset();
  insert.clearBindings();
  int at = 1;
  insert.bind(at++, p.key);
  insert.bind(at++, static_cast<int>(p.status));
  insert.bind(at++, p.reason);
  for (const std::string& value : p.values) insert.bind(at++, value);
  for (const double metric : p.metrics) {
    if (!std::isnan(metric)) insert.bind(at, metric);
    ++at;
  }
  insert.exec();
}

bool Store::add(const StoredPoint& point) {
  return guarded(path_, [&] {
    SQLite::Statement statement(*db_, insert_sql());
    insert(statement, point);  // a statement on its own is a transaction
    return db_->getChanges() > 0;
  });
}

void Store::add_all(const std::vector<StoredPoint>& points) {
  guarded(path_, [&] {
    SQLite::Transaction transaction(*db_, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement statement(*db_, insert_sql());
    for (const StoredPoint& point : points) insert(statement, point);
    transaction.commit();
  });
}

int Store::forget_failed() {
  return guarded(path_, [&] {
    SQLite::Statement remove(*db_, "DELETE FROM points WHERE status = ?");
    remove.bind(1, static_cast<int>(PointStatus::kFailed));
    return remove.exec();
  });
}

StoredPoint Store::row(SQLite::Statement& select, std::size_t metrics) const {
  StoredPoint p{select.getColumn(0).getString(),
                static_cast<PointStatus>(select.getColumn(1).getInt()),
                select.getColumn(2).getString(),
                {},
                {}};
  int at = 3;
  p.values.reserve(meta_.keys.size());
  for (std::size_t i = 0; i < meta_.keys.size(); ++i) {
    p.values.push_back(select.getColumn(at++).getString());
  }
  p.metrics.reserve(metrics);
  for (std::size_t i = 0; i < metrics; ++i, ++at) {
    p.metrics.push_back(select.isColumnNull(at) ? std::numeric_limits<double>::quiet_NaN()
                                                : select.getColumn(at).getDouble());
  }
  return p;
}

std::optional<StoredPoint> Store::find(const std::string& key) {
  return guarded(path_, [&]() -> std::optional<StoredPoint> {
    SQLite::Statement select(*db_, "SELECT * FROM points WHERE key = ?");
    select.bind(1, key);
    if (!select.executeStep()) return std::nullopt;
    return row(select, meta_.metrics.size());
  });
}

std::vector<StoredPoint> Store::points(const std::vector<std::string>& metrics) {
  const std::vector<std::string>& wanted = metrics.empty() ? meta_.metrics : metrics;
  std::string columns = "key, status, reason";
  for (const std::string& key : meta_.keys) columns += ", " + quoted(key);
  for (const std::string& metric : wanted) columns += ", " + quoted(metric);
  std::vector<StoredPoint> all;
  guarded(path_, [&] {
    SQLite::Statement select(*db_, "SELECT " + columns + " FROM points");
    while (select.executeStep()) all.push_back(row(select, wanted.size()));
  });
  std::sort(all.begin(), all.end(),
            [](const StoredPoint& a, const StoredPoint& b) { return a.key < b.key; });
  return all;
}

SweepPlan plan_of(const Store& store) {
  Diagnostics wrong;
  auto plan = load_sweep_text(store.meta().name, store.meta().source, wrong);
  wrong.throw_if_any();
  return std::move(*plan);
}

Claims::Claims(const std::string& store_path) : path_(store_path + "-claims") {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) refuse(path_, "cannot be written", std::strerror(errno), "a writable folder");
}

Claims::~Claims() {
  // The last one removes the file. One that opens it right now only does work twice.
  if (lock_range(0, 0, F_WRLCK)) ::unlink(path_.c_str());
  ::close(fd_);
}

/// From `offset`; 0 bytes: to the end.
bool Claims::lock_range(std::int64_t offset, std::int64_t bytes, short kind) {
  struct flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  range.l_start = offset;
  range.l_len = bytes;
  return ::fcntl(fd_, F_SETLK, &range) == 0;
}

bool Claims::lock(const std::string& key, short kind) {
  // The key is hexadecimal; 60 of its bits are an offset. Two points on one byte only wait.
  std::string digits;
  for (const char c : key) {
    if (c != '-') digits += c;
  }
  std::int64_t offset = 0;
  std::from_chars(digits.data(), digits.data() + std::min<std::size_t>(15, digits.size()), offset,
                  16);
  return lock_range(offset, 1, kind);
}

bool Claims::claim(const std::string& key) { return lock(key, F_WRLCK); }
void Claims::release(const std::string& key) { lock(key, F_UNLCK); }

}  // namespace mixpe
