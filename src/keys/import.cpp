#include "keys/import.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "json/splitter.h"
#include "keys/api_key.h"

namespace heare::keys {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r";

/// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(kWhiteSpace) == std::string_view::npos;
}

/// Hears only whether there is a `keys` array, and no secret beside it: what has one is a record, whatever else it has.
struct KeysArray final : json::SplitterEvents {
  void begin_array(uint64_t) override { found = true; }
  Result<> element(const Result<json::Value>& element, json::Span) override {
    return element ? Result<>() : std::unexpected(element.error());
  }
  void end_array(uint64_t) override {}
  void member(std::string_view name, json::Value, json::Span) override {
    is_record = is_record || is_secret_field(name);
  }

  bool is_in_whole_object(std::string_view text) {
    json::Splitter splitter("keys", *this);
    whole = splitter.append(text) && splitter.finish();
    return whole && found && !is_record;
  }

  bool found = false;
  bool is_record = false;
  bool whole = false;
};

/// Whether `text` is a document rather than lines. The first line tells: a record is whole there, a document that goes
/// on is not.
bool is_document(std::string_view text) {
  std::string_view rest = text;
  std::string_view line;
  while (is_blank(line) && !rest.empty()) line = take_line(rest);
  KeysArray in_line;
  if (in_line.is_in_whole_object(line)) return true;
  if (in_line.whole) return false;
  line.remove_prefix(std::min(line.find_first_not_of(kWhiteSpace), line.size()));
  const bool only_a_brace = line.starts_with('{') && is_blank(line.substr(1));
  return only_a_brace || KeysArray().is_in_whole_object(text);
}

}  // namespace

/// Reads each record of a document as it is split off.
class Import::DocumentReader final : public json::SplitterEvents {
 public:
  DocumentReader(ImportedKeyReader& reader, const Progress& progress)
      : reader_(reader), progress_(progress), import_("record") {}

  Result<Import> read(std::string_view text) {
    json::Splitter splitter("keys", *this);
    if (auto done = splitter.append(text); !done) return std::unexpected(done.error());
    if (auto done = splitter.finish(); !done) return std::unexpected(done.error());
    if (!has_array_) return fail(ErrorCode::invalid, R"(the document has no "keys" array)");
    if (error_) return std::unexpected(*error_);
    return std::move(import_);
  }

 private:
  void begin_array(uint64_t) override { forget(); }
  void end_array(uint64_t) override { has_array_ = true; }
  void member(std::string_view name, json::Value, json::Span) override {
    if (name == "keys") forget();
  }

  Result<> element(const Result<json::Value>& record, json::Span) override {
    ++number_;
    if (!record) return fail_in(fmt::format("record {}", number_), record.error());
    if (error_) return {};
    if (Result<ImportedKey> key = reader_.read(*record)) {
      import_.add(std::move(*key), number_);
      progress_(Step::taking, import_.size());
    } else {
      error_ = Error{key.error().code, fmt::format("record {}: {}", number_, key.error().message)};
    }
    return {};
  }

  /// What came before does not count: `keys` is given again.
  void forget() {
    import_ = Import("record");
    has_array_ = false;
    number_ = 0;
    error_.reset();
  }

  ImportedKeyReader& reader_;
  const Progress& progress_;
  Import import_;
  bool has_array_ = false;
  uint64_t number_ = 0;
  std::optional<Error> error_;
};

/// The first key that cannot be added, and why.
struct Import::Clash {
  size_t index;
  std::string message;
};

Result<Import> Import::read(std::string_view text, WallTime now, Random& random, const Progress& progress) {
  ImportedKeyReader reader(now, random);
  return is_document(text) ? read_document(text, reader, progress) : read_lines(text, reader, progress);
}

Result<Import> Import::read_document(std::string_view text, ImportedKeyReader& reader, const Progress& progress) {
  return DocumentReader(reader, progress).read(text);
}

Result<Import> Import::read_lines(std::string_view text, ImportedKeyReader& reader, const Progress& progress) {
  Import import("line");
  json::Reader json;
  for (uint64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (is_blank(line)) continue;
    const Result<json::Value> record = json.read(line);
    if (!record) return fail_in(fmt::format("line {}", number), record.error());
    Result<ImportedKey> key = reader.read(*record);
    if (!key) return fail_in(fmt::format("line {}", number), key.error());
    import.add(std::move(*key), number);
    progress(Step::taking, import.size());
  }
  return import;
}

void Import::add(ImportedKey key, uint64_t number) {
  const size_t index = keys_.size();
  const auto [same_id, id_is_new] = by_id_.try_emplace(key.id, index);
  const auto [same_secret, secret_is_new] = by_digest_.try_emplace(key.digest, index);
  keys_.push_back(std::move(key));
  numbers_.push_back(number);

  const auto note = [&]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
    if (++warning_count_ > kWarningsMax) return;
    warnings_.push_back(fmt::format("{}: {}", position(index), fmt::format(format, std::forward<Args>(args)...)));
  };
  if (!id_is_new) note("has the id of {}; both verify, and commands take the last", position(same_id->second));
  if (!secret_is_new) note("has the secret of {}; the last one counts", position(same_secret->second));
  for (const std::string_view field : keys_.back().doubtful) note("{}: {}", field, what_is_doubtful(field));
}

std::string Import::position(size_t index) const {
  return fmt::format("{} {}", unit_, numbers_[index]);
}

std::vector<std::string> Import::warnings() const {
  std::vector<std::string> all = warnings_;
  if (warning_count_ > all.size()) all.push_back(fmt::format("and {} more like these", warning_count_ - all.size()));
  return all;
}

std::optional<Import::Clash> Import::first_clash(const KeyDocument& document) const {
  std::optional<Clash> first;
  const auto note = [&first](size_t index, std::string message) {
    if (!first || index < first->index) first = Clash{index, std::move(message)};
  };
  document.for_each([&](json::Value, const ApiKey& key) {
    if (const auto found = by_id_.find(key.id); found != by_id_.end()) {
      note(found->second, fmt::format("the id '{}' is there already", key.id));
    }
    const auto check_secret = [&](const crypto::Sha256Digest& digest) {
      const auto found = by_digest_.find(digest);
      if (found == by_digest_.end()) return;
      note(found->second, fmt::format("its secret is there already, of the key '{}' ({})", key.id, key.name));
    };
    check_secret(key.digest);
    for (const PreviousSecret& previous : key.previous) check_secret(previous.digest);
  });
  return first;
}

size_t Import::count_in(const KeyDocument& document) const {
  std::unordered_set<size_t> there;
  document.for_each([&](json::Value, const ApiKey& key) {
    const auto found = by_digest_.find(key.digest);
    if (found != by_digest_.end() && by_id_.contains(key.id)) there.insert(found->second);
  });
  return there.size();
}

Result<SecretStorage> Import::storage_of(size_t index, const KeyDocument& document,
                                         const std::optional<SecretStorage>& storage) const {
  const SecretStorage wanted = storage.value_or(document.secret_storage());
  if (wanted == SecretStorage::hashed || keys_[index].plain_secret_json) return wanted;
  if (storage) {
    return fail(ErrorCode::invalid, "{}: only the digest of its secret is given, so it cannot be stored plain",
                position(index));
  }
  if (!document.is_plain()) return SecretStorage::hashed;
  return fail(ErrorCode::invalid,
              "{}: only the digest of its secret is given, and a Python service that shares this document could not "
              "load it any more; where none does, run `heare-auth migrate --hash-secrets` first, or give "
              "--secret-storage hashed",
              position(index));
}

Result<bool> Import::add_to(KeyDocument& document, const std::optional<SecretStorage>& storage, bool in_doubt) const {
  if (keys_.empty()) return false;
  if (const size_t there = in_doubt ? count_in(document) : 0; there > 0) {
    if (there == by_digest_.size()) return false;
    return fail(
        ErrorCode::unknown_outcome,
        "only some of these keys are there: an earlier try may have added them all, and others changed them since");
  }
  if (const std::optional<Clash> clash = first_clash(document)) {
    return fail(ErrorCode::invalid, "{}: {}", position(clash->index), clash->message);
  }
  std::vector<std::string> records;
  records.reserve(keys_.size());
  for (size_t index = 0; index < keys_.size(); ++index) {
    const Result<SecretStorage> stored = storage_of(index, document, storage);
    if (!stored) return std::unexpected(stored.error());
    records.push_back(keys_[index].record(*stored));
  }
  const Result<> done = document.append_records(records, storage.value_or(document.secret_storage()));
  if (!done) return std::unexpected(done.error());
  return true;
}

}  // namespace heare::keys
