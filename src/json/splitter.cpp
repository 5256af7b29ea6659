#include "json/splitter.h"

#include "json/byte_scan.h"
#include "json/not_json.h"

namespace heare::json {

namespace {

constexpr size_t kElementNestingMax = limits::kNestingMax + 1;
/// The object and the array take one level each of what a document may have around a record.
constexpr size_t kMemberNestingMax = limits::kNestingMax + 2;

}  // namespace

Splitter::Splitter(std::string_view array_member, SplitterEvents& events, uint64_t offset)
    : array_member_(array_member), events_(events), offset_(offset) {}

Result<> Splitter::append(std::string_view bytes) {
  if (error_) return std::unexpected(*error_);
  Result<> consumed = consume(bytes);
  if (!consumed) error_ = consumed.error();
  offset_ += bytes.size();
  return consumed;
}

Result<> Splitter::finish() {
  if (error_) return std::unexpected(*error_);
  if (expected_ == Expected::nothing) return {};
  Result<> incomplete = not_json(offset_, expected_ == Expected::object ? "the text ends where a value was expected"
                                                                        : "the text ends before the object does");
  error_ = incomplete.error();
  return incomplete;
}

Result<> Splitter::consume(std::string_view bytes) {
  size_t at = 0;
  for (;;) {
    if (!in_token_) {
      at = static_cast<size_t>(skip_space(bytes.data() + at, bytes.data() + bytes.size()) - bytes.data());
      if (at == bytes.size()) return {};
      const Result<bool> begins = begins_token(bytes[at], offset_ + at);
      if (!begins) return std::unexpected(begins.error());
      if (!*begins) {
        ++at;
        continue;
      }
      const Result<size_t> size = whole_element(bytes.substr(at), offset_ + at);
      if (!size) return std::unexpected(size.error());
      if (*size != 0) {
        at += *size;
        continue;
      }
      in_token_ = true;
      token_begin_ = offset_ + at;
      scan_.begin(bytes[at]);
    }
    const size_t end = scan_.look(bytes, at);
    std::string_view raw = bytes.substr(at, end - at);
    if (!scan_.ended() || !held_.empty()) held_.append(raw);
    if (!scan_.ended()) return {};
    if (!held_.empty()) raw = held_;
    if (Result<> taken = token(raw, {.begin = token_begin_, .end = offset_ + end}); !taken) return taken;
    held_.clear();
    in_token_ = false;
    at = end;
  }
}

/// Takes a byte that is no white space, between tokens. True where a token begins with it.
Result<bool> Splitter::begins_token(char byte, uint64_t offset) {
  switch (expected_) {
    case Expected::object:
      return begins_document(byte, offset);
    case Expected::first_name:
      if (byte == '}') {
        expected_ = Expected::nothing;
        return false;
      }
      [[fallthrough]];
    case Expected::name:
      if (byte != '"') return not_json(offset, "a member's name in double quotes was expected");
      return true;
    case Expected::colon:
      if (byte != ':') return not_json(offset, "a colon was expected");
      expected_ = Expected::value;
      return false;
    case Expected::value:
      if (byte != '[' || name_ != array_member_) return begins_value(byte, offset);
      events_.begin_array(offset);
      expected_ = Expected::first_element;
      return false;
    case Expected::comma_or_object_end:
      return separates(byte, offset, Expected::name);
    case Expected::first_element:
      if (byte == ']') return separates(byte, offset, Expected::element);
      [[fallthrough]];
    case Expected::element:
      return begins_value(byte, offset);
    case Expected::comma_or_array_end:
      return separates(byte, offset, Expected::element);
    case Expected::nothing:
      break;
  }
  return not_json(offset, "something follows the value");
}

Result<bool> Splitter::begins_document(char byte, uint64_t offset) {
  if (byte == '{') {
    expected_ = Expected::first_name;
    return false;
  }
  // Whoever handed in another JSON document is told so, and not that it is no JSON.
  if (std::string_view("[\"-0123456789tfnNI").contains(byte)) {
    return fail(ErrorCode::invalid, "not a JSON object: another value begins at byte {}", offset);
  }
  return not_json(offset, byte == '\xEF' ? "it begins with a byte order mark" : "a value was expected");
}

/// Any byte may begin a value here but those that would make it an empty one: it is read once it is whole.
Result<bool> Splitter::begins_value(char byte, uint64_t offset) {
  if (std::string_view(",]}").contains(byte)) return not_json(offset, "a value was expected");
  return true;
}

/// Takes the byte after a member or an element: a comma, or the end of the object or array.
Result<bool> Splitter::separates(char byte, uint64_t offset, Expected after_comma) {
  const bool in_array = after_comma == Expected::element;
  if (byte == ',') {
    expected_ = after_comma;
    return false;
  }
  if (byte != (in_array ? ']' : '}')) {
    return not_json(offset, in_array ? "a comma or the end of the array was expected"
                                     : "a comma or the end of the object was expected");
  }
  if (in_array) events_.end_array(offset + 1);
  expected_ = in_array ? Expected::comma_or_object_end : Expected::nothing;
  return false;
}

/// Nearly every element is whole in the piece in which it begins: there, one reading both finds its end and checks it.
/// Its size, or 0 where it must be scanned for its end first: it goes on in the next piece, or is not valid, in a way
/// that must not depend on where pieces end.
Result<size_t> Splitter::whole_element(std::string_view bytes, uint64_t offset) {
  if (!expects_element() || (bytes.front() != '{' && bytes.front() != '[')) return 0;
  const Value element = reader_.read_front(bytes, kElementNestingMax);
  if (!element) return 0;
  const size_t size = element.raw().size();
  expected_ = Expected::comma_or_array_end;
  if (Result<> taken = events_.element(element, {.begin = offset, .end = offset + size}); !taken) {
    return std::unexpected(taken.error());
  }
  return size;
}

/// Takes a whole token: a name, an element, or the value of another member.
Result<> Splitter::token(std::string_view raw, Span span) {
  if (expects_element()) {
    expected_ = Expected::comma_or_array_end;
    return events_.element(reader_.read(raw, kElementNestingMax, span.begin), span);
  }
  const Result<Value> value = reader_.read(raw, kMemberNestingMax, span.begin);
  if (!value) return std::unexpected(value.error());
  if (expected_ == Expected::value) {
    expected_ = Expected::comma_or_object_end;
    events_.member(name_, *value, span);
    return {};
  }
  expected_ = Expected::colon;
  std::string scratch;
  name_ = value->text(scratch);
  return {};
}

}  // namespace heare::json
