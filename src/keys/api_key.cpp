#include "keys/api_key.h"

#include <algorithm>

#include "base/character_set.h"
#include "base/encoding.h"
#include "base/time_format.h"

namespace heare::keys {
namespace {

/// The members that mean something to the service; of a name given twice the last.
struct Members {
  json::Value id, secret, secret_sha256, name, enabled, expires_at, owner, scopes, previous, metadata;
};

/// With the size known, a comparison is a few instructions; with operator== it is a call.
template <size_t N>
bool is(std::string_view name, const char (&wanted)[N]) {
  return name.size() == N - 1 && std::equal(name.begin(), name.end(), wanted);
}

json::Value* member_named(Members& members, std::string_view name) {
  if (is(name, "id")) return &members.id;
  if (is(name, "secret")) return &members.secret;
  if (is(name, "secret_sha256")) return &members.secret_sha256;
  if (is(name, "name")) return &members.name;
  if (is(name, "enabled")) return &members.enabled;
  if (is(name, "expires_at")) return &members.expires_at;
  if (is(name, "owner")) return &members.owner;
  if (is(name, "scopes")) return &members.scopes;
  if (is(name, "previous")) return &members.previous;
  if (is(name, "metadata")) return &members.metadata;
  return nullptr;
}

Members members_of(json::Value record, std::string& scratch) {
  Members members;
  for (json::Value value = record.first(); value; value = value.next()) {
    if (json::Value* member = member_named(members, value.name().text(scratch))) *member = value;
  }
  return members;
}

std::unexpected<Error> not_an_object() {
  return fail(ErrorCode::corrupt, "is not a JSON object");
}

Result<> read_id(json::Value id, std::string& scratch, std::string& into) {
  if (!id || !id.is_string() || id.text(scratch).empty()) {
    return fail(ErrorCode::corrupt, "has no \"id\" (a string that is not empty)");
  }
  into = id.text(scratch);
  return {};
}

/// Of a hashed secret the digest as well.
Result<SecretStorage> read_secret(json::Value plain, json::Value hashed, std::string& scratch,
                                  crypto::Sha256Digest& digest) {
  if (!plain.is_null() && !hashed.is_null()) {
    return fail(ErrorCode::corrupt, "has both \"secret\" and \"secret_sha256\"; remove one");
  }
  if (!hashed.is_null()) {
    if (hashed.is_string() && from_lower_hex(hashed.text(scratch), digest)) return SecretStorage::hashed;
    return fail(ErrorCode::corrupt, "has a \"secret_sha256\" that is not 64 lower-case hex digits");
  }
  if (plain.is_null() || !plain.is_string() || plain.text(scratch).empty()) {
    return fail(ErrorCode::corrupt, "has neither \"secret\" nor \"secret_sha256\" (a string that is not empty)");
  }
  return SecretStorage::plain;
}

void read_name(json::Value name, std::string& scratch, ApiKey& key) {
  key.name.clear();
  if (name.is_null()) return;
  if (name.is_string()) {
    key.name = name.text(scratch);
  } else {
    key.doubtful.emplace_back("name");
  }
}

void read_enabled(json::Value enabled, ApiKey& key) {
  key.enabled = !enabled || enabled.is_true();
  if (enabled && enabled.type() != json::Type::boolean) key.doubtful.emplace_back("enabled");
}

void read_expires_at(json::Value expires_at, std::string& scratch, ApiKey& key) {
  key.expires_at.reset();
  if (expires_at.is_null()) return;
  if (expires_at.is_string()) key.expires_at = parse_iso8601(expires_at.text(scratch));
  if (!key.expires_at) key.doubtful.emplace_back("expires_at");
}

void read_owner(json::Value owner, std::string& scratch, ApiKey& key) {
  key.owner.reset();
  if (owner.is_null()) return;
  if (owner.is_string()) {
    key.owner = owner.text(scratch);
  } else {
    key.doubtful.emplace_back("owner");
  }
}

/// One element that is no scope voids them all: a key must not gain or lose a right by a slip of the pen.
void read_scopes(json::Value scopes, std::string& scratch, ApiKey& key) {
  key.scopes.clear();
  if (scopes.is_null()) return;
  bool good = scopes.is_array();
  for (json::Value scope = good ? scopes.first() : json::Value(); scope; scope = scope.next()) {
    good = scope.is_string() && is_scope(scope.text(scratch));
    if (!good) break;
    key.scopes.emplace_back(scope.text(scratch));
  }
  if (good) return;
  key.scopes.clear();
  key.doubtful.emplace_back("scopes");
}

std::optional<PreviousSecret> read_previous_secret(json::Value entry, std::string& scratch) {
  if (!entry.is_object()) return std::nullopt;
  const json::Value digest = entry.find("secret_sha256");
  const json::Value expires_at = entry.find("expires_at");
  if (!digest || !digest.is_string() || !expires_at || !expires_at.is_string()) return std::nullopt;
  PreviousSecret secret;
  const std::optional<WallTime> time = parse_iso8601(expires_at.text(scratch));
  if (!time || !from_lower_hex(digest.text(scratch), secret.digest)) return std::nullopt;
  secret.expires_at = *time;
  return secret;
}

void read_previous(json::Value previous, std::string& scratch, ApiKey& key) {
  key.previous.clear();
  if (previous.is_null()) return;
  bool good = previous.is_array();
  for (json::Value entry = good ? previous.first() : json::Value(); entry; entry = entry.next()) {
    const std::optional<PreviousSecret> secret = read_previous_secret(entry, scratch);
    if (secret) key.previous.push_back(*secret);
    good = good && secret.has_value();
  }
  if (!good) key.doubtful.emplace_back("previous");
}

void read_metadata(json::Value metadata, json::CompactWriter& writer, ApiKey& key) {
  key.metadata_json.clear();
  if (!metadata.is_null() && metadata.is_object()) {
    writer.append(key.metadata_json, metadata);
    return;
  }
  key.metadata_json = "{}";
  if (!metadata.is_null()) key.doubtful.emplace_back("metadata");
}

void read_optional_members(const Members& members, std::string& scratch, json::CompactWriter& writer, ApiKey& key) {
  key.doubtful.clear();
  read_name(members.name, scratch, key);
  read_enabled(members.enabled, key);
  read_expires_at(members.expires_at, scratch, key);
  read_owner(members.owner, scratch, key);
  read_scopes(members.scopes, scratch, key);
  read_previous(members.previous, scratch, key);
  read_metadata(members.metadata, writer, key);
}

}  // namespace

bool is_secret_field(std::string_view name) {
  return name == "secret" || name == "secret_sha256";
}

bool has_expired(const ApiKey& key, WallTime now) {
  return key.expires_at && now > *key.expires_at;
}

WallTime good_until(const PreviousSecret& previous, const ApiKey& key) {
  return std::min(previous.expires_at, key.expires_at.value_or(WallTime::max()));
}

std::string_view what_is_doubtful(std::string_view field) {
  if (field == "expires_at") return "not an ISO 8601 time; the key never expires";
  if (field == "enabled") return "not true or false; the key is disabled";
  if (field == "metadata") return "not an object; it counts as {}";
  if (field == "scopes") return "not an array of scopes, of letters, digits and ._:/*- each; the key has none";
  if (field == "previous") {
    return R"(not an array of {"secret_sha256": 64 lower-case hex digits, "expires_at": time}; the rest is left out)";
  }
  return "not a string; it counts as missing";
}

Result<> RecordReader::read(json::Value record, ApiKey& key) {
  if (!record.is_object()) return not_an_object();
  const Members members = members_of(record, scratch_);
  if (auto done = read_id(members.id, scratch_, key.id); !done) return done;
  const auto storage = read_secret(members.secret, members.secret_sha256, scratch_, key.digest);
  if (!storage) return std::unexpected(storage.error());
  key.storage = *storage;
  if (key.storage == SecretStorage::plain) key.digest = crypto::sha256(members.secret.text(scratch_));
  read_optional_members(members, scratch_, writer_, key);
  return {};
}

void RecordReader::read_optional(json::Value record, ApiKey& key) {
  read_optional_members(members_of(record, scratch_), scratch_, writer_, key);
}

Result<> RecordReader::read_head(json::Value record, RecordHead& head) {
  if (!record.is_object()) return not_an_object();
  const Members members = members_of(record, scratch_);
  if (auto done = read_id(members.id, scratch_, head.id); !done) return done;
  crypto::Sha256Digest digest;
  const auto storage = read_secret(members.secret, members.secret_sha256, scratch_, digest);
  if (!storage) return std::unexpected(storage.error());
  head.storage = *storage;
  return {};
}

bool is_scope_character(char c) {
  static constexpr CharacterSet kGood("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/*-");
  return kGood.contains(c);
}

bool is_scope(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_scope_character);
}

}  // namespace heare::keys
