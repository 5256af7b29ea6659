#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "crypto/sha256.h"
#include "http/metrics_page.h"
#include "keys/key_index.h"
#include "log/logger.h"

namespace heare::http::testing {

/// A key that is good, with nothing but the required fields.
inline keys::ApiKey key_with(std::string_view secret, std::string_view id) {
  keys::ApiKey key = {};
  key.id = id;
  key.name = "My Service";
  key.digest = crypto::sha256(secret);
  key.enabled = true;
  key.metadata_json = "{}";
  return key;
}

inline std::unique_ptr<const keys::KeyIndex> index_of(std::initializer_list<keys::ApiKey> keys) {
  keys::KeyIndexBuilder builder;
  for (const keys::ApiKey& key : keys) builder.add(key);
  return builder.finish();
}

/// Tells the same always.
class FixedMetricsPage final : public MetricsPage {
 public:
  std::string text() override { return "heare_auth_keys 1\n"; }
};

/// Keeps every line in memory.
class MemoryLogger final : public log::Logger {
 public:
  explicit MemoryLogger(log::Level threshold = log::Level::debug) : threshold_(threshold) {}

  void event(log::Level level, std::string_view name, std::initializer_list<log::Field> fields) override {
    if (level < threshold_) return;
    std::string line;
    log::append_line(line, level, name, fields, WallTime{});
    append(line);
  }
  std::unique_ptr<log::Batch> make_batch() override { return std::make_unique<MemoryBatch>(*this); }
  uint64_t lines_dropped() const override { return 0; }
  bool flush(std::chrono::milliseconds) override { return true; }

  /// Before anything is logged.
  void set_threshold(log::Level threshold) { threshold_ = threshold; }

  /// Everything that has been handed on so far.
  std::string text() const {
    const MutexLock lock(mutex_);
    return text_;
  }

 private:
  class MemoryBatch final : public log::Batch {
   public:
    explicit MemoryBatch(MemoryLogger& logger) : logger_(logger) {}
    bool wants(log::Level level) const override { return level >= logger_.threshold_; }
    std::string& buffer() override { return buffer_; }
    void commit() override {}
    void flush() override {
      logger_.append(buffer_);
      buffer_.clear();
    }
    bool empty() const override { return buffer_.empty(); }

   private:
    MemoryLogger& logger_;
    std::string buffer_;
  };

  void append(std::string_view lines) {
    const MutexLock lock(mutex_);
    text_ += lines;
  }

  log::Level threshold_;
  mutable Mutex mutex_;
  std::string text_ HEARE_GUARDED_BY(mutex_);
};

}  // namespace heare::http::testing
