#include "app/record_json.h"

#include <algorithm>

#include "json/writer.h"
#include "keys/api_key.h"

namespace heare::app {
namespace {

constexpr size_t kIndent = 2;

/// Writes the members of one object, each on its line.
class ObjectLayout {
 public:
  ObjectLayout(std::string& out, size_t indent) : out_(out), indent_(indent) { out_ += '{'; }

  /// Begins a member; `name` is a JSON string. Its value follows, indented by `value_indent()`.
  void begin_member(std::string_view name) {
    out_ += empty_ ? "\n" : ",\n";
    out_.append(value_indent(), ' ');
    out_ += name;
    out_ += ": ";
    empty_ = false;
  }
  size_t value_indent() const { return indent_ + kIndent; }

  void finish() {
    if (!empty_) {
      out_ += '\n';
      out_.append(indent_, ' ');
    }
    out_ += '}';
  }

 private:
  std::string& out_;
  size_t indent_;
  bool empty_ = true;
};

/// The secrets that a rotation has replaced, without their digests. Anything in the array that is no object is left
/// out: nobody can say what it is.
void append_previous(std::string& out, json::Value previous, size_t indent, std::string& scratch) {
  bool empty = true;
  out += '[';
  for (json::Value element = previous.first(); element; element = element.next()) {
    if (!element.is_object()) continue;
    out += empty ? "\n" : ",\n";
    out.append(indent + kIndent, ' ');
    empty = false;
    ObjectLayout layout(out, indent + kIndent);
    for (json::Value member = element.first(); member; member = member.next()) {
      if (keys::is_secret_field(member.name().text(scratch))) continue;
      layout.begin_member(member.name().raw());
      json::append_indented(out, member, layout.value_indent());
    }
    layout.finish();
  }
  if (!empty) {
    out += '\n';
    out.append(indent, ' ');
  }
  out += ']';
}

}  // namespace

void RecordPrinter::append(std::string& out, json::Value record, size_t indent, std::span<const ExtraMember> extra) {
  compact_.clear();
  json::append_compact(compact_, record);
  const json::Value clean = *reader_.read(compact_);

  ObjectLayout layout(out, indent);
  for (json::Value member = clean.first(); member; member = member.next()) {
    const std::string_view name = member.name().text(scratch_);
    if (keys::is_secret_field(name)) continue;
    const bool previous = name == "previous";
    if (previous && !member.is_array()) continue;
    if (std::ranges::find(extra, name, &ExtraMember::name) != extra.end()) continue;
    layout.begin_member(member.name().raw());
    if (previous) {
      append_previous(out, member, layout.value_indent(), scratch_);
    } else {
      json::append_indented(out, member, layout.value_indent());
    }
  }
  for (const ExtraMember& member : extra) {
    layout.begin_member("\"" + std::string(member.name) + "\"");
    out += member.json;
  }
  layout.finish();
}

}  // namespace heare::app
