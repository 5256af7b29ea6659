#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/splitter.h"

namespace heare::keys {

/// Reads a key document, whole or in pieces: the one place that decides whether it is good. Hands on
/// each record as it comes; none counts before `finish` has succeeded.
class DocumentWalk : private json::SplitterEvents {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// All records so far are void: the document gives `keys` again.
    virtual void restart() = 0;
    /// Reads it with a RecordReader; the error (`corrupt`) says what that says.
    virtual Result<> record(json::Value record, json::Span span) = 0;
  };

  /// `handler` must outlive the walk.
  explicit DocumentWalk(Handler& handler) : handler_(handler), splitter_("keys", *this) {}
  DocumentWalk(const DocumentWalk&) = delete;
  DocumentWalk& operator=(const DocumentWalk&) = delete;

  /// Errors are `corrupt` and final.
  Result<> append(std::string_view bytes);
  Result<> finish();

  /// After `finish`: where the keys array stands, with its brackets.
  json::Span array() const { return array_; }
  /// After `finish`: where the values of `keys` stand that do not count, as the name is given again.
  const std::vector<json::Span>& void_arrays() const { return void_arrays_; }
  /// After `finish`: where the values of `secret_storage` stand, of which the last one counts.
  const std::vector<json::Span>& secret_storage_values() const { return storage_values_; }
  /// After `finish`: the document says `"secret_storage": "hashed"`.
  bool declares_hashed() const { return declares_hashed_; }

 private:
  void begin_array(uint64_t offset) override;
  Result<> element(const Result<json::Value>& record, json::Span span) override;
  void end_array(uint64_t offset_after) override;
  void member(std::string_view name, json::Value value, json::Span span) override;
  void forget_records();

  Handler& handler_;
  json::Splitter splitter_;
  json::Span array_;
  bool has_array_ = false;
  std::vector<json::Span> void_arrays_;
  std::vector<json::Span> storage_values_;
  bool declares_hashed_ = false;
  /// Records seen in the array at hand.
  size_t position_ = 0;
  /// The first bad record of that array. Not final while `keys` may be given again.
  std::optional<Error> record_error_;
};

}  // namespace heare::keys
