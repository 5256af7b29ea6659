#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace heare::json {

enum class Type : uint8_t { null, boolean, number, string, array, object };

class Reader;

namespace internal {

/// What a Reader notes of a value, or of a member's name.
struct Node {
  uint32_t begin;
  uint32_t end;
  /// Index after this value and all inside it: where the next sibling is, or the container ends.
  uint32_t after;
  Type type;
  /// For a string: it holds a backslash.
  bool escaped;
  /// It is a member's name; its value is the next node.
  bool is_name;
  /// No other value of the container that it is in follows; the root is in none.
  bool is_last;
};

}  // namespace internal

/// One value in the text that a Reader has read, or nothing (`!value`). A view: valid until that reader reads again or
/// moves, or the text goes.
class Value {
 public:
  /// Nothing is of type null too, so that a missing member and a null one can be treated alike.
  inline Type type() const;
  /// The value's own bytes, as they stand in the text, without white space around; empty for nothing.
  inline std::string_view raw() const;

  bool is_null() const { return type() == Type::null; }
  bool is_string() const { return type() == Type::string; }
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }
  /// It is the boolean `true`.
  bool is_true() const { return type() == Type::boolean && raw().front() == 't'; }

  /// For a string: its text unescaped, as UTF-8; a lone surrogate becomes U+FFFD. Uses `scratch` only where there is an
  /// escape; the result is valid as long as both.
  inline std::string_view text(std::string& scratch) const;

  /// It is a string with an escape in it.
  inline bool is_escaped() const;

  /// For an object: the member of that name (compared with each name's text()), the last where it is given more than
  /// once. Nothing where there is none, or where this is no object.
  Value find(std::string_view name) const;

  explicit operator bool() const { return node_ != nullptr; }

  /// Walks an array's elements, or the values of an object's members, in the order of the text (all of them, also of
  /// repeated names): `for (Value v = a.first(); v; v = v.next())`.
  inline Value first() const;
  inline Value next() const;
  /// For the value of a member: the member's name as a string value (with raw() and text()). Otherwise nothing.
  inline Value name() const;

  Value() = default;

 private:
  friend class Reader;
  Value(const Reader* reader, const internal::Node* node) : reader_(reader), node_(node) {}
  std::string_view unescaped(std::string& scratch) const;

  const Reader* reader_ = nullptr;
  const internal::Node* node_ = nullptr;
};

/// The strict reader: decides what valid JSON is for documents, bodies and import lines alike. It is RFC 8259 in UTF-8
/// plus what Python's json writes beyond it: NaN, Infinity, -Infinity, and escapes of lone surrogates. A byte order
/// mark is refused. Iterative: depth costs no stack. Its memory is kept from one text to the next, so that reading
/// many small ones allocates nothing.
class Reader {
 public:
  /// Reads one value with white space around it and nothing else. `nesting_max` bounds the levels of arrays and
  /// objects: by default a record, in which each field may have kNestingMax. The error (`invalid`) names the byte and
  /// what is wrong there; it quotes nothing. `offset` is where `text` stands in what the user knows: errors count from
  /// there.
  Result<Value> read(std::string_view text, size_t nesting_max = limits::kNestingMax + 1, uint64_t offset = 0);
  /// Reads the value that `text` begins with, whatever follows it. Nothing where that is not whole, or not valid:
  /// `read` tells what is wrong with it.
  Value read_front(std::string_view text, size_t nesting_max);

 private:
  friend class Value;
  using Node = internal::Node;
  class Walk;

  std::string_view text_;
  /// As many as any text has needed; of this text's, the root is the first.
  std::vector<Node> nodes_;
  /// While reading: indexes of the containers that are not closed yet, outermost first.
  std::vector<uint32_t> open_;
};

// --- Inline: loading a document goes through these a hundred million times

inline Type Value::type() const {
  return node_ != nullptr ? node_->type : Type::null;
}

inline std::string_view Value::raw() const {
  if (node_ == nullptr) return {};
  return {reader_->text_.data() + node_->begin, node_->end - node_->begin};
}

inline bool Value::is_escaped() const {
  return node_ != nullptr && node_->escaped;
}

inline std::string_view Value::text(std::string& scratch) const {
  if (!is_string()) return {};
  if (node_->escaped) return unescaped(scratch);
  return {reader_->text_.data() + node_->begin + 1, node_->end - node_->begin - 2};
}

inline Value Value::first() const {
  if (!is_object() && !is_array()) return {};
  const internal::Node* const after = reader_->nodes_.data() + node_->after;
  if (after == node_ + 1) return {};
  return {reader_, is_object() ? node_ + 2 : node_ + 1};
}

inline Value Value::next() const {
  if (node_ == nullptr || node_->is_last) return {};
  const internal::Node* const after = reader_->nodes_.data() + node_->after;
  return {reader_, after->is_name ? after + 1 : after};
}

inline Value Value::name() const {
  // A name is always followed by its own value, so what precedes an array's element is never one.
  if (node_ == nullptr || node_ == reader_->nodes_.data() || !node_[-1].is_name) return {};
  return {reader_, node_ - 1};
}

}  // namespace heare::json
