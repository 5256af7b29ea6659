#include "keys/document.h"

#include <algorithm>
#include <functional>

#include "base/limits.h"
#include "keys/document_walk.h"
#include "keys/splices.h"

namespace heare::keys {
namespace {

constexpr std::string_view kEmptyHashed = "{\n  \"secret_storage\": \"hashed\",\n  \"keys\": []\n}";
constexpr std::string_view kEmptyPlain = "{\n  \"keys\": []\n}";
constexpr std::string_view kBeforeRecord = "\n    ";
constexpr std::string_view kAfterRecords = "\n  ";

Result<std::string> indented(std::string_view json) {
  json::Reader reader;
  const Result<json::Value> value = reader.read(json, limits::kNestingMax);
  if (!value) return fail_in("metadata", value.error());
  return field_value(*value);
}

Result<std::string> record_text(const NewKey& key, SecretStorage storage) {
  const Result<std::string> metadata = indented(key.metadata_json);
  if (!metadata) return metadata;
  const SecretField secret = secret_field(key.secret, storage);
  std::vector<std::string> fields = {
      field_text("id", string_json(key.id)),
      field_text(secret.name, secret.value_json),
      field_text("name", string_json(key.name)),
      field_text("secret_type", string_json(key.secret_type)),
      field_text("created_at", string_json(key.created_at)),
      field_text("updated_at", "null"),
      field_text("expires_at", key.expires_at ? string_json(*key.expires_at) : "null"),
      field_text("metadata", *metadata),
  };
  if (key.owner) fields.push_back(field_text("owner", string_json(*key.owner)));
  if (!key.scopes.empty()) fields.push_back(field_text("scopes", scopes_json(key.scopes)));
  return fmt::format("{{{}{}}}", fmt::join(fields, ","), kBeforeRecord);
}

/// Where the member begins whose value stands at `value`, in an object. Its name holds no quote, however it is written.
uint64_t begin_of_member(std::string_view json, json::Span value) {
  const size_t closing_quote = json.rfind('"', value.begin - 1);
  return json.rfind('"', closing_quote - 1);
}

/// Removes the member whose value stands at `value`, and which is not the last of its object.
void remove_member(Splices& splices, std::string_view json, json::Span value) {
  const size_t comma = json.find(',', value.end);
  splices.replace({begin_of_member(json, value), json.find_first_not_of(" \t\r\n", comma + 1)}, "");
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
  document.void_arrays_ = walk.void_arrays();
  document.storage_values_ = walk.secret_storage_values();
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

size_t KeyDocument::plain_count() const {
  return static_cast<size_t>(std::ranges::count(records_, SecretStorage::plain, &Record::storage));
}

SecretStorage KeyDocument::secret_storage() const {
  const bool all_hashed = !records_.empty() && plain_count() == 0;
  return declares_hashed_ || all_hashed ? SecretStorage::hashed : SecretStorage::plain;
}

Result<> KeyDocument::append(std::span<const NewKey> keys, SecretStorage storage) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const NewKey& key : keys) {
    Result<std::string> text = record_text(key, storage);
    if (!text) return std::unexpected(text.error());
    texts.push_back(std::move(*text));
  }
  return append_records(texts, storage);
}

Result<> KeyDocument::append_records(std::span<const std::string> texts, SecretStorage storage) {
  if (texts.empty()) return {};
  if (storage == SecretStorage::plain && is_new_) *this = *parse(std::string(kEmptyPlain));
  const bool first = records_.empty();
  const json::Span place = first ? json::Span{array_.begin + 1, array_.end - 1}
                                 : json::Span{records_.back().span.end, records_.back().span.end};
  std::string added;
  std::vector<Record> records;
  for (const std::string& text : texts) {
    if (!first || !records.empty()) added += ',';
    added += kBeforeRecord;
    const Result<Record> record = read_new(text, records_.size() + records.size(), place.begin + added.size());
    if (!record) return std::unexpected(record.error());
    records.push_back(*record);
    added += text;
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
  std::string text(record(position));
  for (const FieldChange& change : changes) text = with_field(text, change);
  return replace_record(position, std::move(text));
}

Result<> KeyDocument::replace_record(size_t position, std::string text) {
  const json::Span span = records_[position].span;
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
  for (std::vector<json::Span>* const spans : {&void_arrays_, &storage_values_}) {
    for (json::Span& span : *spans) span = {splices.moved(span.begin), splices.moved(span.end)};
  }
  is_new_ = false;
}

void KeyDocument::declare_hashed(Splices& splices) const {
  constexpr std::string_view kValue = R"("hashed")";
  if (storage_values_.empty()) {
    // In front of what is there, set apart as that is from the brace.
    const size_t inside = json_.find('{') + 1;
    const size_t first = json_.find('"', inside);
    const std::string space = first > inside ? json_.substr(inside, first - inside) : " ";
    splices.replace({first, first}, fmt::format(R"("secret_storage": {},{})", kValue, space));
    return;
  }
  if (!declares_hashed_) splices.replace(storage_values_.back(), std::string(kValue));
  for (size_t i = 0; i + 1 < storage_values_.size(); ++i) remove_member(splices, json_, storage_values_[i]);
}

Result<size_t> KeyDocument::hash_secrets() {
  Splices splices;
  size_t count = 0;
  size_t position = 0;
  for_each([&](json::Value, const ApiKey& key) {
    if (std::optional<std::string> text = with_hashed_secret(record(position), key)) {
      splices.replace(records_[position].span, std::move(*text));
      ++count;
    }
    ++position;
  });
  declare_hashed(splices);
  for (const json::Span& array : void_arrays_) remove_member(splices, json_, array);
  // Not only records: what is left is read as a whole.
  std::string json = json_;
  splices.apply(json);
  Result<KeyDocument> changed = parse(std::move(json));
  if (!changed) return fail(ErrorCode::invalid, "{}", changed.error().message);
  *this = std::move(*changed);
  return count;
}

}  // namespace heare::keys
