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
  std::string text(record);
  splices.apply(text);
  return text;
}

}  // namespace

KeyDocument KeyDocument::empty() {
  Result<KeyDocument> document = parse(std::string(kEmptyHashed));
  document->is_new_ = true;
  return std::move(*document);
}

/// Notes where the records stand.
struct KeyDocument::Layout final : DocumentWalk::Handler {
  void restart() override { records.clear(); }
  Result<> record(json::Value record, json::Span span) override {
    if (Result<> read = reader.read_head(record, head); !read) return read;
    records.push_back({span, std::hash<std::string_view>()(head.id), head.storage});
    return {};
  }

  std::vector<Record> records;
  RecordReader reader;
  RecordHead head;
};

Result<KeyDocument> KeyDocument::parse(std::string json) {
  Layout layout;
  DocumentWalk walk(layout);
  if (const Result<> done = walk.append(json); !done) return std::unexpected(done.error());
  if (const Result<> done = walk.finish(); !done) return std::unexpected(done.error());
  KeyDocument document;
  document.json_ = std::move(json);
  document.records_ = std::move(layout.records);
  document.array_ = walk.array();
  document.declares_hashed_ = walk.declares_hashed();
  return document;
}

std::string_view KeyDocument::record(size_t position) const {
  const json::Span span = records_[position].span;
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
  if (records_[position].id_hash != std::hash<std::string_view>()(id)) return false;
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
  const auto is_hashed = [](const Record& record) { return record.storage == SecretStorage::hashed; };
  const bool all_hashed = !records_.empty() && std::ranges::all_of(records_, is_hashed);
  return declares_hashed_ || all_hashed ? SecretStorage::hashed : SecretStorage::plain;
}

Result<> KeyDocument::append(std::span<const NewKey> keys, SecretStorage storage) {
  if (keys.empty()) return {};
  if (storage == SecretStorage::plain && is_new_) *this = *parse(std::string(kEmptyPlain));
  const bool first = records_.empty();
  const json::Span place = first ? json::Span{array_.begin + 1, array_.end - 1}
                                 : json::Span{records_.back().span.end, records_.back().span.end};
  std::string added;
  std::vector<Record> records;
  for (const NewKey& key : keys) {
    const Result<std::string> text = record_text(key, storage);
    if (!text) return std::unexpected(text.error());
    if (!first || !records.empty()) added += ',';
    added += kBeforeRecord;
    const Result<Record> record = read_new(*text, records_.size() + records.size(), place.begin + added.size());
    if (!record) return std::unexpected(record.error());
    records.push_back(*record);
    added += *text;
  }
  if (first) added += kAfterRecords;
  Splices splices;
  splices.replace(place, std::move(added));
  splice(std::move(splices));
  records_.insert(records_.end(), records.begin(), records.end());
  return {};
}

Result<size_t> KeyDocument::erase(std::string_view id) {
  std::vector<json::Span> spans;
  std::vector<bool> removed;
  for (size_t position = 0; position < records_.size(); ++position) {
    spans.push_back(records_[position].span);
    removed.push_back(has_id(position, id));
  }
  const auto count = static_cast<size_t>(std::ranges::count(removed, true));
  if (count == 0) return 0;
  Splices splices;
  if (count == records_.size()) {
    splices.replace({array_.begin + 1, array_.end - 1}, "");
  } else {
    remove_items(splices, spans, removed);
  }
  size_t kept = 0;
  for (size_t position = 0; position < removed.size(); ++position) {
    if (!removed[position]) records_[kept++] = records_[position];
  }
  records_.resize(kept);
  splice(std::move(splices));
  return count;
}

Result<> KeyDocument::set_fields(size_t position, std::span<const FieldChange> changes) {
  const json::Span span = records_[position].span;
  std::string text(record(position));
  for (const FieldChange& change : changes) text = with_field(text, change);
  const Result<Record> changed = read_new(text, position, span.begin);
  if (!changed) return std::unexpected(changed.error());
  Splices splices;
  splices.replace(span, std::move(text));
  splice(std::move(splices));
  records_[position] = *changed;
  return {};
}

Result<KeyDocument::Record> KeyDocument::read_new(std::string_view text, size_t position, uint64_t offset) {
  json::Reader reader;
  RecordReader record_reader;
  RecordHead head;
  const std::string name = fmt::format("record {}", position + 1);
  const Result<json::Value> record = reader.read(text, limits::kNestingMax + 1, offset);
  if (!record) return fail_in(name, record.error());
  if (const Result<> read = record_reader.read_head(*record, head); !read) {
    return fail(ErrorCode::invalid, "{} {}", name, read.error().message);
  }
  return Record{{offset, offset + text.size()}, std::hash<std::string_view>()(head.id), head.storage};
}

/// Carries out splices within the array, and moves what stands behind them. They put in and take out whole records,
/// each with its comma, so what was good stays good.
void KeyDocument::splice(Splices splices) {
  splices.apply(json_);
  for (Record& record : records_) record.span = {splices.moved(record.span.begin), splices.moved(record.span.end)};
  array_.end = splices.moved(array_.end);
  is_new_ = false;
}

}  // namespace heare::keys
