// Arbitrary bytes as keys to import and as a document to edit; what is accepted keeps its ids and secrets.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "keys/import.h"
#include "keys/rotation.h"

namespace {

using heare::Result;
using heare::WallTime;
using heare::keys::ApiKey;
using heare::keys::Import;
using heare::keys::KeyDocument;
using heare::keys::Rotation;
using heare::keys::SecretStorage;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The same ids for the same input.
class CountingRandom final : public heare::Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(next_++);
  }

 private:
  uint8_t next_ = 0;
};

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

void check_edits(std::string_view text) {
  Result<KeyDocument> document = KeyDocument::parse(std::string(text));
  if (!document) return;
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
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_import(text);
  check_edits(text);
  return 0;
}
