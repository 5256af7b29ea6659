#include "keys/document_walk.h"

namespace heare::keys {
namespace {

/// Whatever the reader calls invalid is, in a document, something stored that cannot be used.
Result<> as_corrupt(Result<> result) {
  if (!result) result.error().code = ErrorCode::corrupt;
  return result;
}

}  // namespace

Result<> DocumentWalk::append(std::string_view bytes) {
  return as_corrupt(splitter_.append(bytes));
}

Result<> DocumentWalk::finish() {
  if (auto done = as_corrupt(splitter_.finish()); !done) return done;
  if (!has_array_) return fail(ErrorCode::corrupt, R"(the document has no "keys" array)");
  if (record_error_) return std::unexpected(*record_error_);
  return {};
}

void DocumentWalk::begin_array(uint64_t offset) {
  forget_records();
  array_.begin = offset;
}

void DocumentWalk::end_array(uint64_t offset_after) {
  array_.end = offset_after;
  has_array_ = true;
}

void DocumentWalk::forget_records() {
  if (has_array_) void_arrays_.push_back(array_);
  has_array_ = false;
  position_ = 0;
  record_error_.reset();
  handler_.restart();
}

Result<> DocumentWalk::element(const Result<json::Value>& record, json::Span span) {
  ++position_;
  if (!record) return fail_in(fmt::format("record {}", position_), record.error());
  if (record_error_) return {};
  if (const Result<> read = handler_.record(*record, span); !read) {
    record_error_ = Error{read.error().code, fmt::format("record {} {}", position_, read.error().message)};
  }
  return {};
}

void DocumentWalk::member(std::string_view name, json::Value value, json::Span span) {
  if (name == "keys") {
    forget_records();
    void_arrays_.push_back(span);
  }
  if (name == "secret_storage") {
    storage_values_.push_back(span);
    std::string scratch;
    declares_hashed_ = value.is_string() && value.text(scratch) == "hashed";
  }
}

}  // namespace heare::keys
