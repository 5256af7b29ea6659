// Arbitrary bytes as keys to import and as a document to edit; what is accepted keeps its ids and secrets.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keys/import.h"
#include "keys/rotation.h"
#include "support.h"

namespace {

using heare::Result;
using heare::WallTime;
using heare::fuzz::CountingRandom;
using heare::fuzz::require;
using heare::keys::ApiKey;
using heare::keys::FieldChange;
using heare::keys::Import;
using heare::keys::KeyDocument;
using heare::keys::NewKey;
using heare::keys::Rotation;
using heare::keys::SecretStorage;

using Secrets = std::vector<std::pair<std::string, heare::crypto::Sha256Digest>>;

Secrets secrets_of(const KeyDocument& document) {
  Secrets secrets;
  document.for_each([&](heare::json::Value, const ApiKey& key) { secrets.emplace_back(key.id, key.digest); });
  return secrets;
}

void check_import(std::string_view text) {
  CountingRandom random;
  const Result<Import> import = Import::read(text, WallTime(), random);
  if (!import) return;
  for (const SecretStorage storage : {SecretStorage::hashed, SecretStorage::plain}) {
    KeyDocument document = KeyDocument::empty();
    const Result<bool> added = import->add_to(document, storage, false);
    // A digest alone cannot be stored plain.
    if (!added) require(storage == SecretStorage::plain);
    if (!added) continue;
    require(document.record_count() == import->size());
    require(import->size() == 0 || import->add_to(document, storage, true) == false);
    require(import->size() == 0 || !import->add_to(document, storage, false));
    require(secrets_of(*KeyDocument::parse(document.json())) == secrets_of(document));
  }
}

std::vector<std::string> records_of(const KeyDocument& document) {
  std::vector<std::string> records;
  for (size_t n = 0; n < document.record_count(); ++n) records.emplace_back(document.record(n));
  return records;
}

/// What a record is not meant to change stays byte for byte, read anew from the bytes that would be stored.
void check_that_nothing_else_changes(const KeyDocument& original) {
  const std::vector<std::string> before = records_of(original);
  NewKey key;
  key.id = "key_of_the_fuzzer";
  key.secret = heare::Secret("sec_of_the_fuzzer");
  if (original.find(key.id)) return;
  Result<KeyDocument> document = KeyDocument::parse(original.json());
  require(document->append(std::span(&key, 1), document->secret_storage()).has_value());
  Result<KeyDocument> again = KeyDocument::parse(document->json());
  require(again.has_value() && again->record_count() == before.size() + 1 && again->find(key.id) == before.size());
  std::vector<std::string> after = records_of(*again);
  after.pop_back();
  require(after == before);

  if (!before.empty()) {
    const size_t last = before.size() - 1;
    const FieldChange change = {"owner", R"("somebody")"};
    require(again->set_fields(last, std::span(&change, 1)).has_value());
    after = records_of(*KeyDocument::parse(again->json()));
    require(std::ranges::equal(std::span(after).first(last), std::span(before).first(last)));
  }
  require(again->erase(key.id) == size_t{1});
  require(KeyDocument::parse(again->json())->record_count() == before.size());
}

void check_edits(std::string_view text) {
  Result<KeyDocument> document = KeyDocument::parse(std::string(text));
  if (!document) return;
  check_that_nothing_else_changes(*document);
  const Secrets before = secrets_of(*document);
  require(document->hash_secrets().has_value());
  require(document->plain_count() == 0 && secrets_of(*document) == before);
  const std::string hashed = document->json();
  require(document->hash_secrets() == size_t{0} && document->json() == hashed);

  for (size_t position = 0; position < document->record_count(); ++position) {
    const auto number = std::to_string(position);
    const Rotation rotation = {heare::Secret("new " + number), std::nullopt, WallTime(), std::chrono::hours(1)};
    require(heare::keys::rotate(*document, position, rotation).has_value());
    require(!heare::keys::rotate(*document, position, rotation)->changed);
  }
  require(document->record_count() == before.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = heare::fuzz::text_of(data, size);
  check_import(text);
  check_edits(text);
  return 0;
}
