#include "http/head_parser.h"

#include <algorithm>

#include "http/line_scanner.h"

namespace heare::http {

bool HeadParser::add(std::string_view line, size_t position) {
  return has_request_line() ? add_field(line, position) : add_request_line(line, position);
}

bool HeadParser::add_request_line(std::string_view line, size_t position) {
  constexpr std::string_view kVersion = " HTTP/1.x";
  const size_t method_size = token_size(line);
  if (method_size == 0 || line.size() < method_size + 2 + kVersion.size() || line[method_size] != ' ') return false;
  const size_t target_end = line.size() - kVersion.size();
  const auto target = line.substr(method_size + 1, target_end - method_size - 1);
  if (std::ranges::any_of(target, is_blank)) return false;
  if (line.substr(target_end, kVersion.size() - 1) != kVersion.substr(0, kVersion.size() - 1)) return false;
  const char minor_version = line.back();
  if (minor_version != '0' && minor_version != '1') return false;
  version_ = minor_version == '1' ? Version::http_1_1 : Version::http_1_0;
  method_ = part(position, method_size);
  target_ = part(position + method_size + 1, target.size());
  return true;
}

bool HeadParser::add_field(std::string_view line, size_t position) {
  const size_t name_size = field_name_size(line);
  if (name_size == 0) return false;
  const std::string_view value = trim(line.substr(name_size + 1));
  const size_t value_at = position + static_cast<size_t>(value.data() - line.data());
  fields_.push_back({.name = part(position, name_size), .value = part(value_at, value.size())});
  return true;
}

void HeadParser::view(std::string_view buffered, Head& head) const {
  const auto text = [buffered](Part part) { return buffered.substr(part.begin, part.size); };
  head.method = text(method_);
  head.target = text(target_);
  head.version = version_;
  head.fields.resize(fields_.size());
  std::ranges::transform(fields_, head.fields.begin(),
                         [&text](const FieldParts& field) { return Field{text(field.name), text(field.value)}; });
}

void HeadParser::restart() {
  method_ = target_ = {};
  fields_.clear();
  if (fields_.capacity() > kIdleFieldsMax) fields_.shrink_to_fit();
}

}  // namespace heare::http
