#include "json/escape.h"
#include "json/reader.h"

namespace heare::json {

std::string_view Value::unescaped(std::string& scratch) const {
  std::string_view rest = raw();
  rest = rest.substr(1, rest.size() - 2);
  scratch.clear();
  for (size_t plain = rest.find('\\'); plain != std::string_view::npos; plain = rest.find('\\')) {
    scratch.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    const Escape escape = read_escape(rest);
    append_utf8(scratch, escape.character);
    rest.remove_prefix(escape.length);
  }
  scratch.append(rest);
  return scratch;
}

Value Value::find(std::string_view name) const {
  if (!is_object()) return {};
  std::string scratch;
  Value found;
  for (Value value = first(); value; value = value.next()) {
    if (value.name().text(scratch) == name) found = value;
  }
  return found;
}

}  // namespace heare::json
