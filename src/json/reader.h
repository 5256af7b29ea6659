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

/// One value in the text that a Reader has read, or nothing (`!value`). A view: valid until that reader reads again or
/// moves, or the text goes.
class Value {
 public:
  /// Nothing is of type null too, so that a missing member and a null one can be treated alike.
  Type type() const;
  /// The value's own bytes, as they stand in the text, without white space around; empty for nothing.
  std::string_view raw() const;

  bool is_null() const { return type() == Type::null; }
  bool is_string() const { return type() == Type::string; }
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }
  /// It is the boolean `true`.
  bool is_true() const;

  /// For a string: its text unescaped, as UTF-8; a lone surrogate becomes U+FFFD. Uses `scratch` only where there is an
  /// escape; the result is valid as long as both.
  std::string_view text(std::string& scratch) const;

  /// For an object: the member of that name (compared with each name's text()), the last where it is given more than
  /// once. Nothing where there is none, or where this is no object.
  Value find(std::string_view name) const;

  explicit operator bool() const { return reader_ != nullptr; }

  /// Walks an array's elements, or the values of an object's members, in the order of the text (all of them, also of
  /// repeated names): `for (Value v = a.first(); v; v = v.next())`.
  Value first() const;
  Value next() const;
  /// For the value of a member: the member's name as a string value (with raw() and text()). Otherwise nothing.
  Value name() const;

  Value() = default;

 private:
  friend class Reader;
  Value(const Reader* reader, uint32_t index) : reader_(reader), index_(index) {}
  const Reader* reader_ = nullptr;
  uint32_t index_ = 0;
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

 private:
  friend class Value;
  struct Node {
    size_t begin;
    size_t end;
    /// Index after this value and all inside it: where the next sibling is, or the container ends.
    uint32_t after;
    Type type;
    /// For a string: it holds a backslash.
    bool escaped;
    /// It is a member's name; its value is the next node.
    bool is_name;
    /// No other value of the container that it is in follows.
    bool is_last;
  };
  class Walk;

  std::string_view text_;
  std::vector<Node> nodes_;
  /// While reading: indexes of the containers that are not closed yet, outermost first.
  std::vector<uint32_t> open_;
};

}  // namespace heare::json
