#pragma once
// Results that forked processes share: a table in memory that all of them map.
//  * A value is computed once: a process that wants one which another is computing waits for it.
//  * A process may die at any moment: what it was computing is computed by another. When the table
//    is full, values are computed where they are wanted.
//  * Computing a value may not ask for another one.

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <boost/uuid/uuid.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <type_traits>

#include "models/core/errors.h"

namespace mixpe {

template <class T>
class SharedTable {
  static_assert(std::is_trivially_copyable_v<T>, "other processes see its bytes");

 public:
  using Key = boost::uuids::uuid;

  /// Room for `slots` values. Memory is used as it is filled.
  explicit SharedTable(std::size_t slots) : slots_(slots) {
    void* memory = ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw UserError(std::string("no memory to share results: ") + std::strerror(errno));
    }
    computed_ = static_cast<std::atomic<std::uint64_t>*>(memory);
    table_ = reinterpret_cast<Slot*>(static_cast<char*>(memory) + kHead);  // zeros: all free
  }
  ~SharedTable() { ::munmap(static_cast<void*>(computed_), bytes()); }
  SharedTable(const SharedTable&) = delete;
  SharedTable& operator=(const SharedTable&) = delete;

  /// How many values were computed, by all processes.
  std::uint64_t computed() const { return computed_->load(); }

  /// The value of `key`, from `compute()` if no process has it. What that throws is passed on and
  /// leaves the key without a value.
  template <class Compute>
  T get(const Key& key, Compute compute) {
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      Slot& slot = at(key, probe);
      std::uint32_t free = kFree;
      if (slot.state.compare_exchange_strong(free, kClaiming)) return fill(slot, key, compute);
      if (settled(slot, key) == kReady && slot.key == key) return slot.value;
    }
    ++*computed_;
    return compute();
  }

 private:
  enum : std::uint32_t { kFree, kClaiming, kComputing, kReady, kUnusable };
  static constexpr std::size_t kProbes = 16;
  static constexpr std::size_t kHead = 64;  ///< bytes before the slots: the count
  struct Slot {
    std::atomic<std::uint32_t> state;
    pid_t owner;  ///< valid from kComputing on, as is key
    Key key;
    T value;
  };
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "shared between processes");

  template <class Compute>
  T fill(Slot& slot, const Key& key, Compute compute) {
    slot.owner = ::getpid();
    slot.key = key;
    slot.state.store(kComputing, std::memory_order_release);
    try {
      slot.value = compute();
    } catch (...) {
      slot.state.store(kUnusable, std::memory_order_release);
      throw;
    }
    slot.state.store(kReady, std::memory_order_release);
    ++*computed_;
    return slot.value;
  }

  /// The slot's state once it is not about to become `key`'s value any more.
  static std::uint32_t settled(Slot& slot, const Key& key) {
    constexpr std::chrono::microseconds kPause{100};
    constexpr int kPatience = 100;  // pauses: a claim takes nanoseconds, unless its process died
    int claiming = 0;
    for (;;) {
      const std::uint32_t state = slot.state.load(std::memory_order_acquire);
      if (state == kReady || state == kUnusable) return state;
      if (state == kClaiming && ++claiming > kPatience) return kUnusable;
      if (state == kComputing) {
        if (slot.key != key) return state;
        if (::kill(slot.owner, 0) != 0 && errno == ESRCH) return kUnusable;
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  std::size_t bytes() const { return kHead + slots_ * sizeof(Slot); }
  Slot& at(const Key& key, std::size_t probe) const {
    std::uint64_t hash = 0;
    std::memcpy(&hash, key.data, sizeof hash);
    return table_[(hash + probe) % slots_];
  }

  std::size_t slots_;
  std::atomic<std::uint64_t>* computed_ = nullptr;
  Slot* table_ = nullptr;
};

}  // namespace mixpe
