#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/reader.h"
#include "json/token_scan.h"

namespace heare::json {

/// Where a value stands in a text that may be longer than memory: byte offsets from its start.
struct Span {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t size() const { return end - begin; }
};

/// What a Splitter finds, in the order of the text. Views are valid during the call.
class SplitterEvents {
 public:
  virtual ~SplitterEvents() = default;
  /// The top-level member that is split begins an array, at `offset` (of its '['). Called again where the member is
  /// given again: what came before then counts for nothing.
  virtual void begin_array(uint64_t offset) = 0;
  /// One element of that array, or why it is not valid JSON. An error ends the splitting; that one must.
  virtual Result<> element(const Result<Value>& element, Span span) = 0;
  virtual void end_array(uint64_t offset_after) = 0;
  /// Another top-level member, valid JSON; `name` is unescaped. Also the split member where its value is no array (it
  /// too undoes an array before it).
  virtual void member(std::string_view name, Value value, Span span) = 0;
};

/// Splits a JSON object that arrives in pieces into the elements of one of its arrays, without holding the whole: only
/// the element at hand is in memory, and it is copied only where it crosses from one piece to the next.
/// `{"keys": [ … ]}` is what it is for. It accepts exactly what `Reader::read(whole, limits::kNestingMax + 3)` accepts:
/// what a Reader takes as an element, and one more level each of array and object.
class Splitter {
 public:
  /// `events` must outlive the splitter. `offset` is where the text begins in what spans and errors count from.
  Splitter(std::string_view array_member, SplitterEvents& events, uint64_t offset = 0);

  /// Takes the next piece, of any size. Errors: `invalid` for what is not JSON or no object, naming the byte; and what
  /// `events` returned. After an error every further call returns the same one.
  Result<> append(std::string_view bytes);
  /// Ends the text: an error where it is not whole.
  Result<> finish();

 private:
  /// What the text may go on with, white space aside.
  enum class Expected {
    object,
    first_name,
    name,
    colon,
    value,
    comma_or_object_end,
    first_element,
    element,
    comma_or_array_end,
    nothing,
  };

  Result<> consume(std::string_view bytes);
  Result<bool> begins_token(char byte, uint64_t offset);
  Result<bool> begins_document(char byte, uint64_t offset);
  Result<bool> begins_value(char byte, uint64_t offset);
  Result<bool> separates(char byte, uint64_t offset, Expected after_comma);
  bool expects_element() const { return expected_ == Expected::first_element || expected_ == Expected::element; }
  Result<size_t> whole_element(std::string_view bytes, uint64_t offset);
  Result<> token(std::string_view raw, Span span);

  // Constant.
  const std::string array_member_;
  SplitterEvents& events_;

  Expected expected_ = Expected::object;
  /// Of the first byte of the next piece.
  uint64_t offset_;
  std::optional<Error> error_;

  // The token at hand: a name, an element or another member's value.
  bool in_token_ = false;
  uint64_t token_begin_ = 0;
  TokenScan scan_;
  /// What earlier pieces held of it.
  std::string held_;

  /// Of the member at hand, unescaped.
  std::string name_;
  Reader reader_;
};

}  // namespace heare::json
