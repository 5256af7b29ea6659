#include "keys/document.h"

#include <algorithm>
#include <functional>

#include "base/encoding.h"
#include "base/text.h"
#include "json/writer.h"
#include "keys/document_walk.h"
#include "keys/splices.h"

namespace heare::keys {
namespace {

constexpr std::string_view kEmptyHashed = "{\n  \"secret_storage\": \"hashed\",\n  \"keys\": []\n}";
constexpr std::string_view kEmptyPlain = "{\n  \"keys\": []\n}";
/// Where json.dumps(indent=2) puts the fields of a record.
constexpr size_t kFieldIndent = 6;
constexpr std::string_view kBeforeField = "\n      ";
constexpr std::string_view kBeforeRecord = "\n    ";
constexpr std::string_view kAfterRecords = "\n  ";

/// Notes where the records stand.
struct Layout final : DocumentWalk::Handler {
  void restart() override {
    records.clear();
    id_hashes.clear();
    hashed_count = 0;
  }
  void record(json::Value, const ApiKey& key, json::Span span) override {
    records.push_back(span);
    id_hashes.push_back(std::hash<std::string_view>()(key.id));
    if (key.storage == SecretStorage::hashed) ++hashed_count;
  }

  std::vector<json::Span> records;
  std::vector<size_t> id_hashes;
  size_t hashed_count = 0;
};

std::string field_text(std::string_view name, std::string_view value_json) {
  std::string text(kBeforeField);
  append_json_string(text, name);
  text += ": ";
  text += value_json;
  return text;
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

Result<std::string> indented(std::string_view json) {
  json::Reader reader;
  const Result<json::Value> value = reader.read(json, limits::kNestingMax);
  if (!value) return fail_in("metadata", value.error());
  std::string text;
  json::append_indented(text, *value, kFieldIndent);
  return text;
}

Result<std::string> record_text(const NewKey& key, SecretStorage storage) {
  const Result<std::string> metadata = indented(key.metadata_json);
  if (!metadata) return metadata;
  const bool plain = storage == SecretStorage::plain;
  const std::string secret = plain ? std::string(key.secret.reveal()) : to_hex(crypto::sha256(key.secret.reveal()));
  const std::string fields[] = {
      field_text("id", json_string(key.id)),
      field_text(plain ? "secret" : "secret_sha256", json_string(secret)),
      field_text("name", json_string(key.name)),
      field_text("secret_type", json_string(key.secret_type)),
      field_text("created_at", json_string(key.created_at)),
      field_text("updated_at", "null"),
      field_text("expires_at", key.expires_at ? json_string(*key.expires_at) : "null"),
      field_text("metadata", *metadata),
  };
  return fmt::format("{{{}{}}}", fmt::join(fields, ","), kBeforeRecord);
}

/// The record's members, for splicing: where each stands, and its value.
struct MemberSpans {
  std::vector<std::string> names;
  std::vector<json::Span> members;
  std::vector<json::Span> values;
};

MemberSpans members_of(std::string_view record) {
  json::Reader reader;
  const Result<json::Value> object = reader.read(record);
  MemberSpans found;
  std::string scratch;
  const auto offset = [&record](std::string_view part) { return static_cast<uint64_t>(part.data() - record.data()); };
  for (json::Value value = object->first(); value; value = value.next()) {
    const uint64_t value_begin = offset(value.raw());
    const uint64_t value_end = value_begin + value.raw().size();
    found.names.emplace_back(value.name().text(scratch));
    found.members.push_back({offset(value.name().raw()), value_end});
    found.values.push_back({value_begin, value_end});
  }
  return found;
}

std::string with_field(std::string_view record, const FieldChange& change) {
  const MemberSpans found = members_of(record);
  std::vector<bool> removed(found.names.size());
  std::optional<size_t> last;
  for (size_t i = 0; i < found.names.size(); ++i) {
    removed[i] = found.names[i] == change.name;
    if (removed[i]) last = i;
  }
  Splices splices;
  if (change.value_json && last) {
    removed[*last] = false;
    splices.replace(found.values[*last], *change.value_json);
  } else if (change.value_json) {
    const uint64_t end = found.members.back().end;
    splices.replace({end, end}, "," + field_text(change.name, *change.value_json));
  }
  remove_items(splices, found.members, removed);
  return splices.apply(record);
}

}  // namespace

KeyDocument KeyDocument::empty() {
  Result<KeyDocument> document = parse(std::string(kEmptyHashed));
  document->is_new_ = true;
  return std::move(*document);
}

Result<KeyDocument> KeyDocument::parse(std::string json) {
  KeyDocument document;
  if (const Result<> done = document.replace_with(std::move(json)); !done) return std::unexpected(done.error());
  return document;
}

Result<> KeyDocument::replace_with(std::string json) {
  Layout layout;
  DocumentWalk walk(layout);
  if (Result<> done = walk.append(json); !done) return done;
  if (Result<> done = walk.finish(); !done) return done;
  json_ = std::move(json);
  records_ = std::move(layout.records);
  id_hashes_ = std::move(layout.id_hashes);
  hashed_count_ = layout.hashed_count;
  array_ = walk.array();
  declares_hashed_ = walk.declares_hashed();
  is_new_ = false;
  return {};
}

std::string_view KeyDocument::record(size_t position) const {
  const json::Span span = records_[position];
  return std::string_view(json_).substr(span.begin, span.size());
}

void KeyDocument::for_each(const std::function<void(json::Value, const ApiKey&)>& visit) const {
  json::Reader reader;
  RecordReader record_reader;
  ApiKey key;
  for (size_t position = 0; position < records_.size(); ++position) {
    const json::Value value = *reader.read(record(position));
    (void)record_reader.read(value, key);  // it was good when the document was read
    visit(value, key);
  }
}

bool KeyDocument::has_id(size_t position, std::string_view id) const {
  if (id_hashes_[position] != std::hash<std::string_view>()(id)) return false;
  json::Reader reader;
  std::string scratch;
  return reader.read(record(position))->find("id").text(scratch) == id;
}

std::optional<size_t> KeyDocument::find(std::string_view id) const {
  for (size_t position = records_.size(); position > 0; --position) {
    if (has_id(position - 1, id)) return position - 1;
  }
  return std::nullopt;
}

SecretStorage KeyDocument::secret_storage() const {
  const bool all_hashed = !records_.empty() && hashed_count_ == records_.size();
  return declares_hashed_ || all_hashed ? SecretStorage::hashed : SecretStorage::plain;
}

Result<> KeyDocument::append(std::span<const NewKey> keys, SecretStorage storage) {
  if (keys.empty()) return {};
  if (storage == SecretStorage::plain && is_new_) *this = *parse(std::string(kEmptyPlain));
  std::vector<std::string> texts;
  for (const NewKey& key : keys) {
    Result<std::string> text = record_text(key, storage);
    if (!text) return std::unexpected(text.error());
    texts.push_back(std::string(kBeforeRecord).append(*text));
  }
  Splices splices;
  if (records_.empty()) {
    const json::Span inside = {array_.begin + 1, array_.end - 1};
    splices.replace(inside, fmt::format("{}{}", fmt::join(texts, ","), kAfterRecords));
  } else {
    const uint64_t end = records_.back().end;
    splices.replace({end, end}, fmt::format(",{}", fmt::join(texts, ",")));
  }
  return edit(std::move(splices));
}

Result<size_t> KeyDocument::erase(std::string_view id) {
  std::vector<bool> removed(records_.size());
  for (size_t position = 0; position < records_.size(); ++position) removed[position] = has_id(position, id);
  const auto count = static_cast<size_t>(std::ranges::count(removed, true));
  if (count == 0) return 0;
  Splices splices;
  if (count == records_.size()) {
    splices.replace({array_.begin + 1, array_.end - 1}, "");
  } else {
    remove_items(splices, records_, removed);
  }
  if (const Result<> done = edit(std::move(splices)); !done) return std::unexpected(done.error());
  return count;
}

Result<> KeyDocument::set_fields(size_t position, std::span<const FieldChange> changes) {
  std::string text(record(position));
  for (const FieldChange& change : changes) text = with_field(text, change);
  Splices splices;
  splices.replace(records_[position], std::move(text));
  return edit(std::move(splices));
}

Result<> KeyDocument::edit(Splices splices) {
  Result<> done = replace_with(splices.apply(json_));
  if (!done) done.error().code = ErrorCode::invalid;
  return done;
}

}  // namespace heare::keys
