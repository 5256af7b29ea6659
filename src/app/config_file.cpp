#include "app/config_file.h"

#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "app/input_file.h"

namespace heare::app {
namespace {

constexpr std::string_view kFileName = ".heare-auth.toml";
constexpr std::string_view kTable = "default";
/// Seven short texts: more is some other file.
constexpr size_t kFileBytesMax = size_t{1} << 20;

using Member = std::optional<std::string> ConfigFile::*;
constexpr std::pair<std::string_view, Member> kMembers[] = {
    {"s3_bucket", &ConfigFile::s3_bucket},
    {"s3_key", &ConfigFile::s3_key},
    {"s3_region", &ConfigFile::s3_region},
    {"endpoint_url", &ConfigFile::endpoint_url},
    {"store", &ConfigFile::store},
    {"refresh_url", &ConfigFile::refresh_url},
    {"storage_secret_file", &ConfigFile::storage_secret_file},
};

std::string known_names() {
  std::string names;
  for (const auto& [name, member] : kMembers) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  return names;
}

std::optional<Member> member_of(std::string_view name) {
  for (const auto& [known, member] : kMembers) {
    if (known == name) return member;
  }
  return std::nullopt;
}

std::string place(const ConfigFile& file, const toml::source_region& source) {
  return fmt::format("{}:{}", file.path, source.begin.line);
}

Result<> take_member(ConfigFile& file, const toml::key& name, const toml::node& node) {
  const std::optional<Member> member = member_of(name.str());
  if (!member) {
    return fail(ErrorCode::invalid, "{}: unknown name '{}' in [{}], which takes {}", place(file, name.source()),
                name.str(), kTable, known_names());
  }
  const std::optional<std::string> text = node.value_exact<std::string>();
  if (!text) return fail(ErrorCode::invalid, "{}: {}: not a text in quotes", place(file, name.source()), name.str());
  if (!text->empty()) file.** member = *text;
  return {};
}

Result<> take_table(ConfigFile& file, const toml::table& root) {
  for (const auto& [name, node] : root) {
    if (name.str() != kTable || !node.is_table()) {
      return fail(ErrorCode::invalid, "{}: unknown name '{}', the file has one table, [{}]", place(file, name.source()),
                  name.str(), kTable);
    }
    for (const auto& [field, value] : *node.as_table()) {
      if (Result<> taken = take_member(file, field, value); !taken) return taken;
    }
  }
  return {};
}

}  // namespace

std::optional<Setting> ConfigFile::setting(std::string_view name, const std::optional<std::string>& value) const {
  return from_flag(fmt::format("{}: {}", path, name), value);
}

Result<ConfigFile> parse_config_file(std::string_view toml, std::string path) {
  ConfigFile file;
  file.path = std::move(path);
  try {
    if (const Result<> taken = take_table(file, toml::parse(toml)); !taken) return std::unexpected(taken.error());
  } catch (const toml::parse_error& error) {  // the way in which this library answers
    return fail(ErrorCode::invalid, "{}: not TOML: {}", place(file, error.source()), error.description());
  }
  return file;
}

Result<ConfigFile> read_config_file(const Environment& environment) {
  const std::optional<std::string> home = environment.get("HOME");
  if (!home) return ConfigFile();
  const std::string path = fmt::format("{}/{}", *home, kFileName);
  const Result<std::string> toml = read_file(path, kFileBytesMax);
  if (!toml && toml.error().code == ErrorCode::not_found) return ConfigFile();
  if (!toml) return std::unexpected(toml.error());
  return parse_config_file(*toml, path);
}

}  // namespace heare::app
