#include "keys/rotation.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/time_format.h"
#include "json/writer.h"
#include "keys/record_fields.h"

namespace heare::keys {
namespace {

/// Where json.dumps(indent=2) puts the elements of a field.
constexpr size_t kElementIndent = 8;
constexpr std::string_view kBeforeElement = "\n        ";
constexpr std::string_view kAfterElements = "\n      ";

bool has_had(const ApiKey& key, const crypto::Sha256Digest& digest) {
  return key.digest == digest || std::ranges::find(key.previous, digest, &PreviousSecret::digest) != key.previous.end();
}

/// The entries of `previous` that still are good, as they stand there.
std::vector<std::string> entries_still_good(json::Value record, const ApiKey& key, WallTime now) {
  std::vector<std::string> good;
  for (const PreviousSecret& secret : key.previous) {
    if (now <= secret.expires_at) good.push_back(to_hex(secret.digest));
  }
  std::vector<std::string> entries;
  std::string scratch;
  for (json::Value entry = record.find("previous").first(); entry; entry = entry.next()) {
    if (std::ranges::find(good, entry.find("secret_sha256").text(scratch)) == good.end()) continue;
    json::append_indented(entries.emplace_back(), entry, kElementIndent);
  }
  return entries;
}

std::string new_entry(const crypto::Sha256Digest& digest, WallTime good_until) {
  return fmt::format("{{{0}  \"secret_sha256\": \"{1}\",{0}  \"expires_at\": \"{2}\"{0}}}", kBeforeElement,
                     to_hex(digest), format_utc(good_until));
}

/// The field `previous` after the rotation; without a value where none is left.
FieldChange previous_field(json::Value record, const ApiKey& key, const Rotation& rotation) {
  FieldChange change = {"previous", std::nullopt};
  if (rotation.grace.count() == 0) return change;
  std::vector<std::string> entries = entries_still_good(record, key, rotation.now);
  if (const auto until = grace_end(key, rotation)) entries.push_back(new_entry(key.digest, *until));
  if (entries.empty()) return change;
  std::string before(1, ',');
  before += kBeforeElement;
  change.value_json = fmt::format("[{}{}{}]", kBeforeElement, fmt::join(entries, before), kAfterElements);
  return change;
}

SecretStorage storage_for(const KeyDocument& document, const ApiKey& key, const Rotation& rotation) {
  const bool stays_hashed = key.storage == SecretStorage::hashed;
  return rotation.storage.value_or(stays_hashed ? SecretStorage::hashed : document.secret_storage());
}

}  // namespace

std::optional<WallTime> grace_end(const ApiKey& key, const Rotation& rotation) {
  const WallTime end = std::min(rotation.now + rotation.grace, key.expires_at.value_or(WallTime::max()));
  return end > rotation.now ? std::optional(end) : std::nullopt;
}

Result<Rotated> rotate(KeyDocument& document, size_t position, const Rotation& rotation) {
  json::Reader reader;
  const json::Value record = *reader.read(document.record(position));
  ApiKey key;
  (void)RecordReader().read(record, key);  // it was good when the document was read
  const std::optional<WallTime> good_until = grace_end(key, rotation);
  const bool beside_plain_secrets = document.plain_count() > 0;
  if (has_had(key, crypto::sha256(rotation.secret.reveal()))) return Rotated{false, good_until, beside_plain_secrets};

  const SecretField secret = secret_field(rotation.secret, storage_for(document, key, rotation));
  std::string text = with_secret(record.raw(), secret);
  text = with_field(text, previous_field(record, key, rotation));
  text = with_field(text, {"updated_at", string_json(format_utc(rotation.now))});
  if (const Result<> done = document.replace_record(position, std::move(text)); !done) {
    return std::unexpected(done.error());
  }
  return Rotated{true, good_until, beside_plain_secrets};
}

}  // namespace heare::keys
