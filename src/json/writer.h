#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace heare::json {

/// Writes values without white space, as an answer holds them: NaN and infinities (and nothing) as null, lone
/// surrogates as U+FFFD, of members with one name the last (in the first one's place, as Python does); numbers and
/// other escapes as they stand. The result is RFC 8259 without a name given twice in an object. Iterative, and never
/// quadratic. Its memory is kept from one value to the next, so that writing many small ones allocates nothing.
class CompactWriter {
 public:
  /// Appends `value` to `out`.
  void append(std::string& out, Value value);

 private:
  struct Member {
    /// Unescaped: what decides which members have one name.
    std::string_view text;
    Value name;
    Value value;
  };
  /// A container that is being written. The members of those that are objects are a stack in members_.
  struct Frame {
    bool is_object = false;
    bool is_first = true;
    Value element;
    size_t members_begin = 0;
    size_t at = 0;
  };

  void begin(std::string& out, Value value);
  Value next_member(std::string& out, Frame& frame);
  static Value next_element(std::string& out, Frame& frame);
  void gather_members(Value object);
  void unite_few(size_t begin);
  void unite_many(size_t begin);

  std::vector<Frame> frames_;
  std::vector<Member> members_;
  /// Owns the names that had escapes; a list, so that views stay valid.
  std::list<std::string> unescaped_;
};

/// Appends one value as a CompactWriter does.
void append_compact(std::string& out, Value value);

/// Appends `value` as Python's `json.dumps(indent=2, ensure_ascii=False)` lays it out, its first line unindented and
/// each further one indented by `indent` more spaces. Numbers and strings keep their own bytes; every member stays.
/// Iterative.
void append_indented(std::string& out, Value value, size_t indent);

}  // namespace heare::json
