#include "app/new_key.h"

#include <optional>
#include <string>

#include "app/key_fields.h"
#include "base/time_format.h"
#include "crypto/ids.h"

namespace heare::app {
namespace {

Result<std::string> read_name(const std::optional<std::string>& name) {
  if (!name) return fail(ErrorCode::invalid, "--name: missing, for example --name \"My Service\"");
  return read_label("--name", *name);
}

}  // namespace

Result<keys::NewKey> make_new_key(const CreateFlags& flags, WallTime now, Random& random) {
  keys::NewKey key;
  Result<std::string> name = read_name(flags.name);
  if (!name) return std::unexpected(name.error());
  key.name = std::move(*name);
  if (flags.secret_type) {
    Result<std::string> type = read_label("--secret-type", *flags.secret_type);
    if (!type) return std::unexpected(type.error());
    key.secret_type = std::move(*type);
  }
  if (flags.metadata) {
    Result<std::string> metadata = read_metadata(*flags.metadata);
    if (!metadata) return std::unexpected(metadata.error());
    key.metadata_json = std::move(*metadata);
  }
  if (flags.expires_at) {
    Result<std::string> expires_at = read_time("--expires-at", *flags.expires_at);
    if (!expires_at) return std::unexpected(expires_at.error());
    key.expires_at = std::move(*expires_at);
  }
  if (flags.owner) {
    Result<std::string> owner = read_label("--owner", *flags.owner);
    if (!owner) return std::unexpected(owner.error());
    key.owner = std::move(*owner);
  }
  Result<std::vector<std::string>> scopes = read_scopes(flags.scopes);
  if (!scopes) return std::unexpected(scopes.error());
  key.scopes = std::move(*scopes);
  key.id = crypto::make_key_id(now, random);
  key.secret = crypto::make_secret(now, random);
  key.created_at = format_utc(now);
  return key;
}

}  // namespace heare::app
