#include "json/reader.h"

#include "base/text.h"
#include "json/byte_scan.h"
#include "json/escape.h"
#include "json/not_json.h"

namespace heare::json {

/// One pass over one text: checks it and notes where each value stands.
class Reader::Walk {
 public:
  Walk(Reader& reader, std::string_view text, size_t nesting_max)
      : nodes_(reader.nodes_),
        open_(reader.open_),
        begin_(text.data()),
        at_(text.data()),
        end_(text.data() + text.size()),
        nesting_max_(nesting_max) {}

  /// False where the text is not valid; then problem() and problem_offset() say why and where.
  bool run();
  std::string_view problem() const { return problem_; }
  size_t problem_offset() const { return offset_of(at_); }

 private:
  enum class After { another_value, nothing, problem };

  /// The byte at hand; at the end a NUL, which JSON has nowhere.
  char byte() const { return at_ != end_ ? *at_ : '\0'; }
  size_t offset_of(const char* place) const { return static_cast<size_t>(place - begin_); }
  bool fail_here(const char* problem);
  bool fail_at(const char* place, const char* problem);

  bool open(Type type);
  bool close_if(char closing);
  void close();
  After after_value();
  bool member_name();
  bool scalar();
  bool number(const char* begin);
  bool digits();
  bool literal(const char* begin, std::string_view word, Type type);
  bool string(bool is_name);
  bool escape();
  bool beyond_ascii();
  void add(const char* begin, Type type, bool escaped = false, bool is_name = false);

  std::vector<Node>& nodes_;
  std::vector<uint32_t>& open_;
  const char* const begin_;
  const char* at_;
  const char* const end_;
  const size_t nesting_max_;
  /// Index of the value that ended last.
  uint32_t ended_ = 0;
  const char* problem_ = "";
};

Result<Value> Reader::read(std::string_view text, size_t nesting_max, uint64_t offset) {
  text_ = text;
  nodes_.clear();
  open_.clear();
  // No text has more values than half its bytes and one, so the indexes cannot overflow.
  if (text.size() / 2 >= UINT32_MAX)
    return fail(ErrorCode::invalid, "a JSON value of {} bytes is too long", text.size());
  Walk walk(*this, text, nesting_max);
  if (!walk.run()) return not_json(offset + walk.problem_offset(), walk.problem());
  return Value(this, 0);
}

bool Reader::Walk::run() {
  for (;;) {
    at_ = skip_space(at_, end_);
    switch (byte()) {
      case '{':
        if (!open(Type::object)) return false;
        if (close_if('}')) break;
        if (!member_name()) return false;
        continue;
      case '[':
        if (!open(Type::array)) return false;
        if (close_if(']')) break;
        continue;
      case '"':
        if (!string(false)) return false;
        break;
      default:
        if (!scalar()) return false;
    }
    const After after = after_value();
    if (after != After::another_value) return after == After::nothing;
  }
}

bool Reader::Walk::fail_here(const char* problem) {
  problem_ = problem;
  return false;
}

bool Reader::Walk::fail_at(const char* place, const char* problem) {
  at_ = place;
  return fail_here(problem);
}

bool Reader::Walk::open(Type type) {
  if (open_.size() >= nesting_max_) return fail_here("arrays and objects are nested too deep");
  open_.push_back(static_cast<uint32_t>(nodes_.size()));
  add(at_++, type);
  return true;
}

/// Closes the container that was just opened where it is empty.
bool Reader::Walk::close_if(char closing) {
  at_ = skip_space(at_, end_);
  if (byte() != closing) return false;
  close();
  return true;
}

void Reader::Walk::close() {
  ++at_;
  ended_ = open_.back();
  open_.pop_back();
  Node& container = nodes_[ended_];
  container.end = offset_of(at_);
  container.after = static_cast<uint32_t>(nodes_.size());
}

/// Closes every container that ends after the value that has just ended, up to a comma or the end of the text.
Reader::Walk::After Reader::Walk::after_value() {
  while (!open_.empty()) {
    at_ = skip_space(at_, end_);
    const bool in_object = nodes_[open_.back()].type == Type::object;
    if (byte() == ',') {
      ++at_;
      return !in_object || member_name() ? After::another_value : After::problem;
    }
    if (byte() != (in_object ? '}' : ']')) {
      fail_here(at_ == end_ ? "the text ends within an array or object"
                : in_object ? "a comma or the end of the object was expected"
                            : "a comma or the end of the array was expected");
      return After::problem;
    }
    nodes_[ended_].is_last = true;
    close();
  }
  at_ = skip_space(at_, end_);
  if (at_ == end_) return After::nothing;
  fail_here("something follows the value");
  return After::problem;
}

bool Reader::Walk::member_name() {
  at_ = skip_space(at_, end_);
  if (byte() != '"') return fail_here("a member's name in double quotes was expected");
  if (!string(true)) return false;
  at_ = skip_space(at_, end_);
  if (byte() != ':') return fail_here("a colon was expected");
  ++at_;
  return true;
}

/// A number or a word.
bool Reader::Walk::scalar() {
  const char* const begin = at_;
  switch (byte()) {
    case 't':
      return literal(begin, "true", Type::boolean);
    case 'f':
      return literal(begin, "false", Type::boolean);
    case 'n':
      return literal(begin, "null", Type::null);
    case 'N':
      return literal(begin, "NaN", Type::number);
    case 'I':
      return literal(begin, "Infinity", Type::number);
    case '-':
      ++at_;
      return byte() == 'I' ? literal(begin, "Infinity", Type::number) : number(begin);
    case '\xEF':
      return fail_here(at_ == begin_ ? "it begins with a byte order mark" : "a value was expected");
    default:
      if (byte() >= '0' && byte() <= '9') return number(begin);
      return fail_here(at_ == end_ ? "the text ends where a value was expected" : "a value was expected");
  }
}

bool Reader::Walk::number(const char* begin) {
  if (byte() == '0') {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  if (byte() == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (byte() == 'e' || byte() == 'E') {
    ++at_;
    if (byte() == '+' || byte() == '-') ++at_;
    if (!digits()) return false;
  }
  add(begin, Type::number);
  return true;
}

bool Reader::Walk::digits() {
  if (byte() < '0' || byte() > '9') return fail_here("a digit was expected");
  while (byte() >= '0' && byte() <= '9') ++at_;
  return true;
}

/// `begin` is where the value begins, which may be a sign before the word.
bool Reader::Walk::literal(const char* begin, std::string_view word, Type type) {
  if (!std::string_view(at_, end_).starts_with(word)) return fail_at(begin, "a value was expected");
  at_ += word.size();
  add(begin, type);
  return true;
}

bool Reader::Walk::string(bool is_name) {
  const char* const begin = at_++;
  bool escaped = false;
  for (;;) {
    at_ = skip_plain(at_, end_);
    if (at_ == end_) return fail_at(begin, "a string is not closed");
    if (*at_ == '"') break;
    if (*at_ == '\\') {
      if (!escape()) return false;
      escaped = true;
    } else if (!beyond_ascii()) {
      return false;
    }
  }
  ++at_;
  add(begin, Type::string, escaped, is_name);
  return true;
}

bool Reader::Walk::escape() {
  const std::string_view rest(at_, end_);
  if (rest.size() < 2) return fail_here("the text ends within an escape");
  if (rest[1] != 'u') {
    if (!std::string_view("\"\\/bfnrt").contains(rest[1])) return fail_here("an unknown escape in a string");
    at_ += 2;
    return true;
  }
  if (rest.size() < 6) return fail_here("the text ends within an escape");
  for (size_t n = 2; n < 6; ++n) {
    if (hex_digit(rest[n]) < 0) return fail_here("four hexadecimal digits were expected after \\u");
  }
  at_ += 6;
  return true;
}

/// A byte of a string that is not printable ASCII: a control character, which is refused, or a UTF-8 sequence.
bool Reader::Walk::beyond_ascii() {
  if (static_cast<unsigned char>(*at_) < 0x20) return fail_here("a control character in a string");
  const size_t length = utf8_sequence_length({at_, end_});
  if (length == 0) return fail_here("a string is not UTF-8");
  at_ += length;
  return true;
}

/// Notes the value or name that stands from `begin` to here. A container is set right when it closes.
void Reader::Walk::add(const char* begin, Type type, bool escaped, bool is_name) {
  const auto index = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({.begin = offset_of(begin),
                    .end = offset_of(at_),
                    .after = index + 1,
                    .type = type,
                    .escaped = escaped,
                    .is_name = is_name,
                    .is_last = is_name});
  ended_ = index;
}

}  // namespace heare::json
