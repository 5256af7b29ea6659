#include "s3/credentials_ini.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace heare::s3 {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpace = " \t\r\v\f";
constexpr std::string_view kDefault = "default";
/// Stronger than `[default]`, wherever it stands in the file.
constexpr std::string_view kProfileDefault = "profile default";

/// `value # comment` without the comment. Without white space in front, `#` and `;` belong to the value.
std::string_view without_comment(std::string_view value) {
  for (size_t i = 1; i < value.size(); ++i) {
    const bool begins = value[i] == '#' || value[i] == ';';
    if (begins && kSpace.contains(value[i - 1])) return trimmed(value.substr(0, i));
  }
  return value;
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.front() == text.back();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The profile that a section's header names, or nothing for another kind of section (`sso-session`, `services`).
std::optional<std::string_view> profile_name(std::string_view header, ProfileFileKind kind) {
  if (kind == ProfileFileKind::credentials || header == kDefault) return header;
  static constexpr std::string_view kPrefix = "profile";
  if (!header.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = header.substr(kPrefix.size());
  const std::string_view name = unquoted(trimmed(rest));
  if (rest.empty() || !kSpace.contains(rest.front()) || name.empty()) return std::nullopt;
  return name == kDefault ? kProfileDefault : name;
}

class ProfilesParser {
 public:
  explicit ProfilesParser(ProfileFileKind kind) : kind_(kind) {}

  Result<> line(std::string_view line) {
    ++number_;
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') return {};
    if (content.front() == '[') return section(content);
    // By the indentation of the property above, so that a file may be indented as a whole.
    const size_t indentation = line.find_first_not_of(kSpace);
    if (property_indentation_ && indentation > *property_indentation_) return {};
    property_indentation_ = indentation;
    return property(content);
  }

  Profiles finish() {
    if (const auto found = profiles_.find(kProfileDefault);
        kind_ == ProfileFileKind::config && found != profiles_.end()) {
      profiles_.insert_or_assign(std::string(kDefault), std::move(found->second));
      profiles_.erase(found);
    }
    return std::move(profiles_);
  }

 private:
  Result<> section(std::string_view content) {
    const size_t end = content.find(']');
    const std::string_view header = trimmed(content.substr(1, end == std::string_view::npos ? 0 : end - 1));
    if (header.empty())
      return fail(ErrorCode::unauthorized, "line {}: the section's name is empty or not closed by ']'", number_);
    property_indentation_.reset();
    in_section_ = true;
    const std::optional<std::string_view> name = profile_name(header, kind_);
    profile_ = name ? &profiles_[std::string(*name)] : nullptr;
    return {};
  }

  Result<> property(std::string_view content) {
    if (!in_section_) return fail(ErrorCode::unauthorized, "line {}: stands before the first [section]", number_);
    const size_t delimiter = content.find_first_of("=:");
    if (delimiter == 0 || delimiter == std::string_view::npos) {
      return fail(ErrorCode::unauthorized, "line {}: neither [section] nor name = value", number_);
    }
    const std::string_view value = without_comment(trimmed(content.substr(delimiter + 1)));
    if (profile_ != nullptr) (*profile_)[ascii_lower(trimmed(content.substr(0, delimiter)))] = Secret(value);
    return {};
  }

  // Constant.
  const ProfileFileKind kind_;

  Profiles profiles_;
  size_t number_ = 0;
  bool in_section_ = false;
  /// The profile that lines belong to; none in a section that is skipped.
  Profile* profile_ = nullptr;
  /// Of the section's last property.
  std::optional<size_t> property_indentation_;
};

}  // namespace

Result<Profiles> parse_profiles(std::string_view text, ProfileFileKind kind) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ProfilesParser parser(kind);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (Result<> taken = parser.line(text.substr(0, end)); !taken) return std::unexpected(std::move(taken.error()));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

}  // namespace heare::s3
