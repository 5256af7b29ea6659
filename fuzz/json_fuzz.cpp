// Arbitrary bytes to the Reader, and in two pieces to the Splitter; what is accepted, to the writers and back.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "json/splitter.h"
#include "json/writer.h"
#include "support.h"

namespace {

using heare::Result;
using heare::fuzz::require;
using heare::json::Reader;
using heare::json::Span;
using heare::json::Splitter;
using heare::json::SplitterEvents;
using heare::json::Value;

/// As deep as a Splitter with its elements takes a whole text.
constexpr size_t kNestingMax = heare::limits::kNestingMax + 3;

class Reading final : public SplitterEvents {
 public:
  explicit Reading(std::string_view text) : text_(text) {}
  void begin_array(uint64_t offset) override { require(text_[offset] == '['); }
  Result<> element(const Result<Value>& element, Span span) override {
    if (!element) return std::unexpected(element.error());
    require(element->raw() == text_.substr(span.begin, span.size()));
    return {};
  }
  void end_array(uint64_t offset_after) override { require(text_[offset_after - 1] == ']'); }
  void member(std::string_view /*name*/, Value value, Span span) override {
    require(value.raw() == text_.substr(span.begin, span.size()));
  }

 private:
  std::string_view text_;
};

bool splitter_accepts(std::string_view text, size_t first_piece) {
  Reading events(text);
  Splitter splitter("keys", events);
  // In memory of its own, so that a view that outlives its piece is noticed.
  const std::string first(text.substr(0, first_piece));
  return splitter.append(first) && splitter.append(text.substr(first_piece)) && splitter.finish();
}

void check_writers(Value value) {
  std::string compact;
  append_compact(compact, value);
  std::string indented;
  append_indented(indented, value, 0);

  Reader reader;
  for (const std::string_view text : {compact, indented}) {
    const Result<Value> again = reader.read(text, kNestingMax);
    require(again.has_value());
    std::string once_more;
    append_compact(once_more, *again);
    require(once_more == compact);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = heare::fuzz::text_of(data, size);
  Reader reader;
  const Result<Value> value = reader.read(text, kNestingMax);
  if (value) check_writers(*value);

  const size_t first_piece = size == 0 ? 0 : data[size / 2] % (size + 1);
  require(splitter_accepts(text, first_piece) == (value && value->is_object()));
  return 0;
}
