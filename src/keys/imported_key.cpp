#include "keys/imported_key.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/ids.h"
#include "json/writer.h"
#include "keys/field_bounds.h"
#include "keys/record_fields.h"

namespace heare::keys {
namespace {

constexpr std::string_view kAfterFields = "\n    ";

/// SHA-256 in hex of either case, or in base64.
bool read_digest(std::string_view text, crypto::Sha256Digest& digest) {
  if (text.size() == 2 * digest.size()) {
    return from_lower_hex(ascii_lower(text), digest);
  }
  const std::optional<std::vector<std::byte>> bytes = from_base64(text);
  if (!bytes || bytes->size() != digest.size()) return false;
  std::ranges::copy(*bytes, digest.begin());
  return true;
}

}  // namespace

/// The members that an import reads itself; of a name given twice the last.
struct ImportedKeyReader::Members {
  explicit Members(json::Value record, std::string& scratch) {
    for (json::Value value = record.first(); value; value = value.next()) {
      const std::string_view name = value.name().text(scratch);
      if (name == "id") id = value;
      if (name == "secret") secret = value;
      if (name == "secret_sha256") secret_sha256 = value;
      if (name == "secret_type") secret_type = value;
      if (name == "created_at") created_at = value;
      if (name == "updated_at") updated_at = value;
    }
  }

  json::Value id, secret, secret_sha256, secret_type, created_at, updated_at;
};

std::string ImportedKey::record(SecretStorage storage) const {
  const bool plain = storage == SecretStorage::plain && plain_secret_json;
  const SecretField secret = plain ? SecretField{"secret", *plain_secret_json} : hashed_field(digest);
  std::string whole = text;
  return whole.insert(secret_at, field_text(secret.name, secret.value_json));
}

Result<ImportedKey> ImportedKeyReader::read(json::Value record) {
  if (!record.is_object()) return fail(ErrorCode::invalid, "not a JSON object");
  const Members members(record, scratch_);
  ImportedKey key;
  if (auto done = read_id(members, key); !done) return std::unexpected(done.error());
  if (auto done = read_secret(members, key); !done) return std::unexpected(done.error());
  if (auto done = read_optional(record, members, key); !done) return std::unexpected(done.error());

  const char* before = "";
  const auto begin_field = [&] { key.text += std::exchange(before, ","); };
  key.text = "{";
  if (members.id.is_null()) {
    begin_field();
    key.text += field_text("id", string_json(key.id));
  }
  const json::Value secret = !members.secret.is_null() ? members.secret : members.secret_sha256;
  for (json::Value value = record.first(); value; value = value.next()) {
    const std::string_view name = value.name().text(scratch_);
    const bool is_the_secret = value.raw().data() == secret.raw().data();
    const bool is_no_field = is_secret_field(name) || (name == "id" && members.id.is_null());
    if (is_no_field && !is_the_secret) continue;
    begin_field();
    if (is_the_secret) {
      key.secret_at = key.text.size();
    } else {
      key.text += member_text(value.name().raw(), field_value(value));
    }
  }
  key.text.append(kAfterFields) += '}';
  return key;
}

Result<> ImportedKeyReader::read_id(const Members& members, ImportedKey& key) {
  if (members.id.is_null()) {
    key.id = crypto::make_key_id(now_, random_);
    return {};
  }
  key.id = members.id.text(scratch_);
  if (!members.id.is_string() || key.id.empty()) return fail(ErrorCode::invalid, "id: must be a string, not empty");
  return {};
}

Result<> ImportedKeyReader::read_secret(const Members& members, ImportedKey& key) {
  if (!members.secret.is_null() && !members.secret_sha256.is_null()) {
    return fail(ErrorCode::invalid, "has both \"secret\" and \"secret_sha256\"; remove one");
  }
  if (!members.secret_sha256.is_null()) {
    if (members.secret_sha256.is_string() && read_digest(members.secret_sha256.text(scratch_), key.digest)) return {};
    return fail(ErrorCode::invalid, "secret_sha256: must be a SHA-256 in hex or base64");
  }
  if (members.secret.is_null()) return fail(ErrorCode::invalid, "has neither \"secret\" nor \"secret_sha256\"");
  const std::string_view text = members.secret.text(scratch_);
  if (!members.secret.is_string() || text.empty()) {
    return fail(ErrorCode::invalid, "secret: must be a string, not empty");
  }
  key.digest = crypto::sha256(text);
  key.plain_secret_json = members.secret.raw();
  return {};
}

Result<> ImportedKeyReader::read_optional(json::Value record, const Members& members, ImportedKey& key) {
  record_reader_.read_optional(record, fields_);
  key.doubtful = fields_.doubtful;
  // What only the commands show, and so no document is read for.
  const std::pair<std::string_view, json::Value> texts[] = {
      {"secret_type", members.secret_type}, {"created_at", members.created_at}, {"updated_at", members.updated_at}};
  for (const auto& [field, value] : texts) {
    if (!value.is_null() && !value.is_string()) key.doubtful.push_back(field);
  }
  if (auto done = check_label_length("name", fields_.name); !done) return done;
  if (auto done = check_label_length("owner", fields_.owner.value_or("")); !done) return done;
  key.name = fields_.name;
  return check_scope_bounds("scopes", fields_.scopes);
}

}  // namespace heare::keys
