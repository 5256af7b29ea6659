#include "json/reader.h"

#include <algorithm>

#include "base/text.h"
#include "json/escape.h"
#include "json/mark_scan.h"
#include "json/not_json.h"

namespace heare::json {

namespace {

/// What the offsets of a node can count, which also bounds the number of nodes.
constexpr size_t kTextBytesMax = UINT32_MAX;
/// A request's body and a usual record need no more.
constexpr size_t kNodesMin = 64;

}  // namespace

/// One pass over one text: checks it and notes where each value stands. Functions that read something take where it
/// begins and return where the text goes on, white space aside; nullptr where it is not valid.
class Reader::Walk {
 public:
  enum class Extent { whole_text, front };

  Walk(Reader& reader, std::string_view text, Extent extent, size_t nesting_max)
      : reader_(reader),
        begin_(text.data()),
        end_(text.data() + text.size()),
        extent_(extent),
        nesting_max_(nesting_max),
        nodes_(reader.nodes_.data()),
        capacity_(reader.nodes_.size()),
        open_(reader.open_) {
    reader.text_ = text;
    open_.clear();
  }

  /// False where the text is not valid; then problem() and problem_offset() say why and where.
  bool run();
  std::string_view problem() const { return problem_; }
  uint32_t problem_offset() const { return offset_of(problem_place_); }

 private:
  /// The byte there; at the end a NUL, which JSON has nowhere.
  char byte(const char* at) const { return at != end_ ? *at : '\0'; }
  uint32_t offset_of(const char* place) const { return static_cast<uint32_t>(place - begin_); }
  const char* fail(const char* place, const char* problem);

  bool open(const char* at, Type type);
  void close(const char* at);
  const char* after_value(MarkScan& marks, const char* at);
  const char* member_name(MarkScan& marks, const char* at);
  const char* string(MarkScan& marks, const char* at, bool is_name);
  const char* escape(const char* at);
  const char* beyond_ascii(const char* at);
  const char* scalar(const char* at);
  const char* number(const char* begin, const char* at);
  const char* digits(const char* at);
  const char* literal(const char* begin, const char* at, std::string_view word, Type type);
  void add(const char* begin, const char* end, Type type, bool escaped = false, bool is_name = false);
  void grow();

  Reader& reader_;
  const char* const begin_;
  const char* const end_;
  const Extent extent_;
  const size_t nesting_max_;

  /// The reader's, of which `count_` are taken.
  Node* nodes_;
  size_t capacity_;
  uint32_t count_ = 0;
  std::vector<uint32_t>& open_;
  /// The innermost of those is an object.
  bool in_object_ = false;
  /// Index of the value that ended last.
  uint32_t ended_ = 0;

  const char* problem_ = "";
  const char* problem_place_ = nullptr;
};

Result<Value> Reader::read(std::string_view text, size_t nesting_max, uint64_t offset) {
  if (text.size() > kTextBytesMax)
    return heare::fail(ErrorCode::invalid, "a JSON value of {} bytes is too long", text.size());
  Walk walk(*this, text, Walk::Extent::whole_text, nesting_max);
  if (!walk.run()) return not_json(offset + walk.problem_offset(), walk.problem());
  return Value(this, nodes_.data());
}

Value Reader::read_front(std::string_view text, size_t nesting_max) {
  Walk walk(*this, text.substr(0, kTextBytesMax), Walk::Extent::front, nesting_max);
  return walk.run() ? Value(this, nodes_.data()) : Value();
}

bool Reader::Walk::run() {
  MarkedBlocks blocks(begin_, end_);
  MarkScan marks(blocks);
  const char* at = marks.next();
  do {
    const char first = byte(at);
    if (first == '"') {
      at = string(marks, at, false);
    } else if (first == '{' || first == '[') {
      if (!open(at, first == '{' ? Type::object : Type::array)) return false;
      at = marks.next();
      if (byte(at) != (first == '{' ? '}' : ']')) {
        if (first == '{') at = member_name(marks, at);
        continue;
      }
      close(at);
      at = marks.next();
    } else {
      at = scalar(at);
      if (at != nullptr) at = marks.next_from(at);
    }
    if (at != nullptr) at = after_value(marks, at);
  } while (at != nullptr && !open_.empty());
  return at != nullptr;
}

const char* Reader::Walk::fail(const char* place, const char* problem) {
  problem_ = problem;
  problem_place_ = place;
  return nullptr;
}

bool Reader::Walk::open(const char* at, Type type) {
  if (open_.size() >= nesting_max_) {
    fail(at, "arrays and objects are nested too deep");
    return false;
  }
  open_.push_back(count_);
  in_object_ = type == Type::object;
  add(at, at + 1, type);
  return true;
}

void Reader::Walk::close(const char* at) {
  ended_ = open_.back();
  open_.pop_back();
  in_object_ = !open_.empty() && nodes_[open_.back()].type == Type::object;
  Node& container = nodes_[ended_];
  container.end = offset_of(at + 1);
  container.after = count_;
}

/// Closes every container that ends after the value that has just ended, up to a comma or the end of the text.
[[gnu::always_inline]] inline const char* Reader::Walk::after_value(MarkScan& marks, const char* at) {
  while (!open_.empty()) {
    if (byte(at) == ',') {
      at = marks.next();
      return in_object_ ? member_name(marks, at) : at;
    }
    if (byte(at) != (in_object_ ? '}' : ']')) {
      return fail(at, at == end_   ? "the text ends within an array or object"
                      : in_object_ ? "a comma or the end of the object was expected"
                                   : "a comma or the end of the array was expected");
    }
    nodes_[ended_].is_last = true;
    close(at);
    at = marks.next();
  }
  nodes_[ended_].is_last = true;
  return extent_ == Extent::front || at == end_ ? at : fail(at, "something follows the value");
}

[[gnu::always_inline]] inline const char* Reader::Walk::member_name(MarkScan& marks, const char* at) {
  if (byte(at) != '"') return fail(at, "a member's name in double quotes was expected");
  at = string(marks, at, true);
  if (at == nullptr) return nullptr;
  return byte(at) == ':' ? marks.next() : fail(at, "a colon was expected");
}

[[gnu::always_inline]] inline const char* Reader::Walk::string(MarkScan& marks, const char* at, bool is_name) {
  const char* const begin = at;
  bool escaped = false;
  for (at = marks.next(); byte(at) != '"'; at = marks.next_from(at)) {
    if (at == end_) return fail(begin, "a string is not closed");
    escaped |= *at == '\\';
    at = *at == '\\' ? escape(at) : beyond_ascii(at);
    if (at == nullptr) return nullptr;
  }
  add(begin, at + 1, Type::string, escaped, is_name);
  return marks.next();
}

const char* Reader::Walk::escape(const char* at) {
  const std::string_view rest(at, end_);
  if (rest.size() < 2) return fail(at, "the text ends within an escape");
  if (rest[1] != 'u') {
    return std::string_view("\"\\/bfnrt").contains(rest[1]) ? at + 2 : fail(at, "an unknown escape in a string");
  }
  if (rest.size() < 6) return fail(at, "the text ends within an escape");
  for (size_t n = 2; n < 6; ++n) {
    if (hex_digit(rest[n]) < 0) return fail(at, "four hexadecimal digits were expected after \\u");
  }
  return at + 6;
}

/// Of a string, what is not printable ASCII: a control character, which is refused, or a UTF-8 sequence.
const char* Reader::Walk::beyond_ascii(const char* at) {
  if (static_cast<unsigned char>(*at) < 0x20) return fail(at, "a control character in a string");
  const size_t length = utf8_sequence_length({at, end_});
  return length == 0 ? fail(at, "a string is not UTF-8") : at + length;
}

/// A number or a word; where the scan goes on is left to the caller.
const char* Reader::Walk::scalar(const char* at) {
  switch (byte(at)) {
    case 't':
      return literal(at, at, "true", Type::boolean);
    case 'f':
      return literal(at, at, "false", Type::boolean);
    case 'n':
      return literal(at, at, "null", Type::null);
    case 'N':
      return literal(at, at, "NaN", Type::number);
    case 'I':
      return literal(at, at, "Infinity", Type::number);
    case '-':
      return byte(at + 1) == 'I' ? literal(at, at + 1, "Infinity", Type::number) : number(at, at + 1);
    case '\xEF':
      return fail(at, at == begin_ ? "it begins with a byte order mark" : "a value was expected");
    default:
      if (byte(at) >= '0' && byte(at) <= '9') return number(at, at);
      return fail(at, at == end_ ? "the text ends where a value was expected" : "a value was expected");
  }
}

/// `begin` is where the value begins, which may be a sign before the digits; so with `literal`.
const char* Reader::Walk::number(const char* begin, const char* at) {
  at = byte(at) == '0' ? at + 1 : digits(at);
  if (at != nullptr && byte(at) == '.') at = digits(at + 1);
  if (at != nullptr && (byte(at) == 'e' || byte(at) == 'E')) {
    ++at;
    if (byte(at) == '+' || byte(at) == '-') ++at;
    at = digits(at);
  }
  if (at != nullptr) add(begin, at, Type::number);
  return at;
}

const char* Reader::Walk::digits(const char* at) {
  const char* const begin = at;
  while (byte(at) >= '0' && byte(at) <= '9') ++at;
  return at != begin ? at : fail(at, "a digit was expected");
}

const char* Reader::Walk::literal(const char* begin, const char* at, std::string_view word, Type type) {
  if (!std::string_view(at, end_).starts_with(word)) return fail(begin, "a value was expected");
  at += word.size();
  add(begin, at, type);
  return at;
}

/// Notes a value or name. A container is set right when it closes.
inline void Reader::Walk::add(const char* begin, const char* end, Type type, bool escaped, bool is_name) {
  if (count_ == capacity_) grow();
  ended_ = count_++;
  nodes_[ended_] = {.begin = offset_of(begin),
                    .end = offset_of(end),
                    .after = count_,
                    .type = type,
                    .escaped = escaped,
                    .is_name = is_name,
                    .is_last = is_name};
}

void Reader::Walk::grow() {
  reader_.nodes_.resize(std::max(kNodesMin, 2 * capacity_));
  nodes_ = reader_.nodes_.data();
  capacity_ = reader_.nodes_.size();
}

}  // namespace heare::json
