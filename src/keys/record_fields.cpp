#include "keys/record_fields.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "json/writer.h"
#include "keys/api_key.h"
#include "keys/splices.h"

namespace heare::keys {
namespace {

/// Where json.dumps(indent=2) puts the fields of a record.
constexpr size_t kFieldIndent = 6;
constexpr std::string_view kBeforeField = "\n      ";

constexpr std::string_view kPlain = "secret";
constexpr std::string_view kHashed = "secret_sha256";

/// A record's members, for splicing: where each stands, its name and its value.
struct Members {
  std::vector<std::string> names;
  std::vector<json::Span> spans;
  std::vector<json::Span> name_spans;
  std::vector<json::Span> value_spans;
  std::vector<bool> null;
};

Members members_of(std::string_view record) {
  json::Reader reader;
  const Result<json::Value> object = reader.read(record);
  Members found;
  std::string scratch;
  const auto span_of = [&record](std::string_view part) {
    const auto begin = static_cast<uint64_t>(part.data() - record.data());
    return json::Span{begin, begin + part.size()};
  };
  for (json::Value value = object->first(); value; value = value.next()) {
    found.names.emplace_back(value.name().text(scratch));
    found.name_spans.push_back(span_of(value.name().raw()));
    found.value_spans.push_back(span_of(value.raw()));
    found.spans.push_back({found.name_spans.back().begin, found.value_spans.back().end});
    found.null.push_back(value.is_null());
  }
  return found;
}

}  // namespace

std::string string_json(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string field_value(json::Value value) {
  std::string text;
  json::append_indented(text, value, kFieldIndent);
  return text;
}

std::string scopes_json(std::span<const std::string> scopes) {
  std::vector<std::string> lines;
  lines.reserve(scopes.size());
  for (const std::string& scope : scopes) lines.push_back(fmt::format("{}  {}", kBeforeField, string_json(scope)));
  return fmt::format("[{}{}]", fmt::join(lines, ","), kBeforeField);
}

std::string field_text(std::string_view name, std::string_view value_json) {
  return member_text(string_json(name), value_json);
}

std::string member_text(std::string_view name_json, std::string_view value_json) {
  std::string text(kBeforeField);
  text += name_json;
  text += ": ";
  text += value_json;
  return text;
}

SecretField hashed_field(const crypto::Sha256Digest& digest) {
  return {kHashed, string_json(to_hex(digest))};
}

SecretField secret_field(const Secret& secret, SecretStorage storage) {
  if (storage == SecretStorage::hashed) return hashed_field(crypto::sha256(secret.reveal()));
  return {kPlain, string_json(secret.reveal())};
}

std::string with_field(std::string_view record, const FieldChange& change) {
  const Members found = members_of(record);
  std::vector<bool> removed(found.names.size());
  std::optional<size_t> last;
  for (size_t i = 0; i < found.names.size(); ++i) {
    removed[i] = found.names[i] == change.name;
    if (removed[i]) last = i;
  }
  Splices splices;
  if (change.value_json && last) {
    removed[*last] = false;
    splices.replace(found.value_spans[*last], *change.value_json);
  } else if (change.value_json) {
    const uint64_t end = found.spans.back().end;
    splices.replace({end, end}, "," + field_text(change.name, *change.value_json));
  }
  remove_items(splices, found.spans, removed);
  return splices.applied_to(record);
}

std::string with_secret(std::string_view record, const SecretField& field) {
  const Members found = members_of(record);
  std::vector<bool> removed(found.names.size());
  size_t counts = 0;
  for (size_t i = 0; i < found.names.size(); ++i) {
    removed[i] = is_secret_field(found.names[i]);
    // A good record has one of the two; the other, where it is given, is null.
    if (removed[i] && !found.null[i]) counts = i;
  }
  removed[counts] = false;
  Splices splices;
  splices.replace(found.name_spans[counts], string_json(field.name));
  splices.replace(found.value_spans[counts], field.value_json);
  remove_items(splices, found.spans, removed);
  return splices.applied_to(record);
}

std::optional<std::string> with_hashed_secret(std::string_view record, const ApiKey& key) {
  if (key.storage == SecretStorage::plain) return with_secret(record, hashed_field(key.digest));
  const Members found = members_of(record);
  std::vector<bool> removed(found.names.size());
  for (size_t i = 0; i < found.names.size(); ++i) removed[i] = found.names[i] == kPlain && !found.null[i];
  if (std::ranges::find(removed, true) == removed.end()) return std::nullopt;
  Splices splices;
  remove_items(splices, found.spans, removed);
  return splices.applied_to(record);
}

}  // namespace heare::keys
