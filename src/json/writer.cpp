#include "json/writer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"
#include "json/escape.h"

namespace heare::json {

namespace {

/// Up to so many members each is compared with each: faster than sorting, and cheap whatever they are.
constexpr size_t kComparedMembersMax = 16;

/// Spaces for each level, as `json.dumps(indent=2)` has them.
constexpr size_t kIndent = 2;

/// Of a number: NaN, Infinity and -Infinity are the ones that end in a letter.
bool is_finite(std::string_view raw) {
  return raw.back() >= '0' && raw.back() <= '9';
}

/// Appends a string as it stands but for escapes of lone surrogates.
void append_compact_string(std::string& out, Value string) {
  std::string_view raw = string.raw();
  if (!string.is_escaped()) {
    out.append(raw);
    return;
  }
  for (size_t plain = raw.find('\\'); plain != std::string_view::npos; plain = raw.find('\\')) {
    out.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    const Escape escape = read_escape(raw);
    if (escape.lone_surrogate) {
      append_utf8(out, escape.character);
    } else {
      out.append(raw.substr(0, escape.length));
    }
    raw.remove_prefix(escape.length);
  }
  out.append(raw);
}

void append_line(std::string& out, size_t spaces) {
  out.push_back('\n');
  out.append(spaces, ' ');
}

/// It can stand in a compact text as it is.
bool is_compact(Value value) {
  switch (value.type()) {
    case Type::string:
      return !value.is_escaped();
    case Type::number:
      return is_finite(value.raw());
    case Type::boolean:
    case Type::null:
      return true;
    default:
      return false;
  }
}

/// True where `object` has a few members of different names, all of which can stand as they are, as nearly all metadata
/// has: nothing need be gathered then.
bool is_simple(Value object) {
  size_t count = 0;
  for (Value value = object.first(); value; value = value.next()) {
    const Value name = value.name();
    if (++count > kComparedMembersMax || name.is_escaped() || !is_compact(value)) return false;
    for (Value other = value.next(); other; other = other.next()) {
      if (other.name().raw() == name.raw()) return false;
    }
  }
  return true;
}

void append_simple(std::string& out, Value object) {
  const size_t before = out.size();
  const size_t most = before + object.raw().size();
  out.resize_and_overwrite(most, [&](char* text, size_t) {
    char* at = text + before;
    char separator = '{';
    for (Value value = object.first(); value; value = value.next()) {
      *at++ = std::exchange(separator, ',');
      at += value.name().raw().copy(at, std::string_view::npos);
      *at++ = ':';
      at += value.raw().copy(at, std::string_view::npos);
    }
    if (separator == '{') *at++ = '{';
    *at++ = '}';
    return static_cast<size_t>(at - text);
  });
}

}  // namespace

void CompactWriter::append(std::string& out, Value value) {
  if (value.is_object() && is_simple(value)) return append_simple(out, value);
  begin(out, value);
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.is_object ? frame.at == members_.size() : !frame.element) {
      out.push_back(frame.is_object ? '}' : ']');
      members_.resize(frame.members_begin);
      frames_.pop_back();
      continue;
    }
    begin(out, frame.is_object ? next_member(out, frame) : next_element(out, frame));
  }
  unescaped_.clear();
}

/// Writes a scalar, or opens a container.
void CompactWriter::begin(std::string& out, Value value) {
  switch (value.type()) {
    case Type::object:
      out.push_back('{');
      frames_.push_back({.is_object = true, .element = {}, .members_begin = members_.size(), .at = members_.size()});
      gather_members(value);
      break;
    case Type::array:
      out.push_back('[');
      frames_.push_back({.element = value.first(), .members_begin = members_.size()});
      break;
    case Type::string:
      append_compact_string(out, value);
      break;
    case Type::number:
      out.append(is_finite(value.raw()) ? value.raw() : "null");
      break;
    case Type::boolean:
    case Type::null:
      out.append(value ? value.raw() : "null");
  }
}

/// Writes what stands before the next value.
Value CompactWriter::next_member(std::string& out, Frame& frame) {
  const std::string_view before = frame.at == frame.members_begin ? std::string_view() : std::string_view(",");
  const Member& member = members_[frame.at++];
  if (member.name.is_escaped()) {
    out.append(before);
    append_compact_string(out, member.name);
    out.push_back(':');
  } else {
    heare::append(out, before, member.name.raw(), ":");
  }
  return member.value;
}

Value CompactWriter::next_element(std::string& out, Frame& frame) {
  if (!std::exchange(frame.is_first, false)) out.push_back(',');
  const Value element = frame.element;
  frame.element = element.next();
  return element;
}

/// Puts the members of `object` onto members_, one for each name.
void CompactWriter::gather_members(Value object) {
  const size_t begin = members_.size();
  members_.reserve(kComparedMembersMax);
  std::string unused;
  for (Value value = object.first(); value; value = value.next()) {
    const Value name = value.name();
    std::string& owner = name.is_escaped() ? unescaped_.emplace_back() : unused;
    members_.push_back({name.text(owner), name, value});
  }
  if (members_.size() - begin <= kComparedMembersMax) {
    unite_few(begin);
  } else {
    unite_many(begin);
  }
}

void CompactWriter::unite_few(size_t begin) {
  size_t kept = begin;
  for (size_t n = begin; n < members_.size(); ++n) {
    const auto kept_end = members_.begin() + static_cast<ptrdiff_t>(kept);
    const auto same = std::find_if(members_.begin() + static_cast<ptrdiff_t>(begin), kept_end,
                                   [&](const Member& member) { return member.text == members_[n].text; });
    if (same != kept_end) {
      same->value = members_[n].value;
    } else {
      members_[kept++] = members_[n];
    }
  }
  members_.resize(kept);
}

/// By sorting: hashing could be defeated by names that are chosen to collide.
void CompactWriter::unite_many(size_t begin) {
  std::vector<size_t> order(members_.size() - begin);
  std::iota(order.begin(), order.end(), begin);
  std::ranges::sort(order, [this](size_t left, size_t right) {
    const int compared = members_[left].text.compare(members_[right].text);
    return compared != 0 ? compared < 0 : left < right;
  });
  for (size_t n = 0; n < order.size();) {
    Member& first = members_[order[n]];
    size_t last = n;
    while (last + 1 < order.size() && members_[order[last + 1]].text == first.text) ++last;
    first.value = members_[order[last]].value;
    while (n++ != last) members_[order[n]].value = Value();
  }
  const auto kept = std::remove_if(members_.begin() + static_cast<ptrdiff_t>(begin), members_.end(),
                                   [](const Member& member) { return !member.value; });
  members_.erase(kept, members_.end());
}

void append_compact(std::string& out, Value value) {
  CompactWriter().append(out, value);
}

void append_indented(std::string& out, Value value, size_t indent) {
  struct Frame {
    Value next;
    char closing;
    bool is_first = true;
  };
  std::vector<Frame> frames;
  const auto begin = [&](Value begun) {
    const bool is_object = begun.is_object();
    if (const Value first = begun.first()) {
      out.push_back(is_object ? '{' : '[');
      frames.push_back({first, is_object ? '}' : ']'});
    } else if (is_object || begun.is_array()) {
      out.append(is_object ? "{}" : "[]");  // whatever white space it holds
    } else {
      out.append(begun.raw());
    }
  };
  begin(value);
  while (!frames.empty()) {
    Frame& frame = frames.back();
    const Value element = frame.next;
    if (!element) {
      const char closing = frame.closing;
      frames.pop_back();
      append_line(out, indent + kIndent * frames.size());
      out.push_back(closing);
      continue;
    }
    if (!frame.is_first) out.push_back(',');
    frame.is_first = false;
    frame.next = element.next();
    append_line(out, indent + kIndent * frames.size());
    if (const Value name = element.name()) out.append(name.raw()).append(": ");
    begin(element);
  }
}

}  // namespace heare::json
