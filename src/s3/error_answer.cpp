#include "s3/error_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"
#include "json/escape.h"

namespace heare::s3 {
namespace {

/// S3's own are under 2 KiB; a SignatureDoesNotMatch repeats the request in bytes.
constexpr size_t kBodyBytesMax = size_t{64} * 1024;
/// Longer than any message of S3, short enough for a line that people read.
constexpr size_t kValueBytesMax = 512;

/// Moves through a text that may end anywhere.
class XmlScan {
 public:
  explicit XmlScan(std::string_view text) : rest_(text) {}

  /// The name of the next start tag, without prefix and attributes, and the text up to the tag after it; nothing at
  /// the end.
  struct Element {
    std::string_view name;
    std::string_view text;
  };
  std::optional<Element> next() {
    while (skip_past("<")) {
      if (skip_markup()) continue;
      const size_t end = rest_.find('>');
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view tag = rest_.substr(0, end);
      rest_.remove_prefix(end + 1);
      if (tag.starts_with('/')) continue;
      std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
      if (const size_t colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
      return Element{name, tag.ends_with('/') ? std::string_view() : rest_.substr(0, rest_.find('<'))};
    }
    return std::nullopt;
  }

 private:
  bool skip_past(std::string_view mark) {
    const size_t at = rest_.find(mark);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + mark.size());
    return true;
  }

  /// Declarations, comments and the like: whatever stands in them is no element.
  bool skip_markup() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMarkup = {
        {{"!--", "-->"}, {"![CDATA[", "]]>"}, {"?", "?>"}, {"!", ">"}}};
    for (const auto& [begin, end] : kMarkup) {
      if (!rest_.starts_with(begin)) continue;
      if (!skip_past(end)) rest_ = {};
      return true;
    }
    return false;
  }

  std::string_view rest_;
};

std::optional<char32_t> numeric_reference(std::string_view reference) {
  const bool is_hex = reference.starts_with("#x");
  reference.remove_prefix(is_hex ? 2 : 1);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(reference.begin(), reference.end(), value, is_hex ? 16 : 10);
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (error != std::errc() || end != reference.end() || value > 0x10FFFF || is_surrogate) return std::nullopt;
  return value;
}

std::optional<char32_t> character_of(std::string_view reference) {
  constexpr std::array<std::pair<std::string_view, char32_t>, 5> kNamed = {
      {{"lt", U'<'}, {"gt", U'>'}, {"amp", U'&'}, {"quot", U'"'}, {"apos", U'\''}}};
  if (reference.starts_with('#')) return numeric_reference(reference);
  const auto* const named = std::ranges::find(kNamed, reference, [](const auto& entry) { return entry.first; });
  if (named == kNamed.end()) return std::nullopt;
  return named->second;
}

/// What is no reference stays as it is.
std::string decode_references(std::string_view text) {
  constexpr size_t kReferenceLengthMax = 10;
  std::string out;
  while (!text.empty()) {
    const size_t end = text.front() == '&' ? text.substr(0, kReferenceLengthMax).find(';') : std::string_view::npos;
    const auto character = end == std::string_view::npos ? std::nullopt : character_of(text.substr(1, end - 1));
    if (character) {
      json::append_utf8(out, *character);
      text.remove_prefix(end + 1);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0) {
      json::append_utf8(out, json::kReplacementCharacter);
    } else if (first < 0x20 || first == 0x7F) {
      out += ' ';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

std::string value_of(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  text = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  std::string_view kept = text.substr(0, kValueBytesMax);
  // Not in the middle of a character.
  while (kept.size() < text.size() && !kept.empty() && (static_cast<unsigned char>(text[kept.size()]) & 0xC0) == 0x80) {
    kept.remove_suffix(1);
  }
  return printable(decode_references(kept));
}

bool is_code(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return std::ranges::all_of(text, allowed);
}

std::string* field_of(ErrorAnswer& answer, std::string_view name) {
  const std::array<std::pair<std::string_view, std::string*>, 6> fields = {{{"Code", &answer.code},
                                                                            {"Message", &answer.message},
                                                                            {"Region", &answer.region},
                                                                            {"RequestId", &answer.request_id},
                                                                            {"HostId", &answer.host_id},
                                                                            {"ServerTime", &answer.server_time}}};
  const auto* const field = std::ranges::find(fields, name, [](const auto& entry) { return entry.first; });
  return field == fields.end() ? nullptr : field->second;
}

}  // namespace

ErrorAnswer read_error_answer(std::string_view body) {
  ErrorAnswer answer;
  XmlScan scan(body.substr(0, kBodyBytesMax));
  const auto root = scan.next();
  if (!root || (root->name != "Error" && root->name != "ErrorResponse")) return answer;
  while (const auto element = scan.next()) {
    std::string* const field = field_of(answer, element->name);
    if (field != nullptr && field->empty()) *field = value_of(element->text);
  }
  if (!is_code(answer.code)) answer.code.clear();
  return answer;
}

}  // namespace heare::s3
