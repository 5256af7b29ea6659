#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "keys/key_index.h"
#include "keys/verifier.h"
#include "metrics/verifications.h"

/// What reverse proxies ask before they let a request through: by its header alone, is its key good, and good for this?
/// Nothing here allocates but for the text that it appends.
namespace heare::http {

/// True for `/auth` and all below it. A proxy may put its client's own path and query behind `/auth/`: there they are
/// nothing to us.
bool is_forward_auth(std::string_view path);

/// The key that a request carries in its header.
struct PresentedKey {
  /// More than one is no key at all: a proxy in front might take another than we do.
  size_t count = 0;
  /// The last.
  std::string_view key;
};

/// From `Authorization: Bearer KEY` (RFC 6750, the scheme in any case) and `X-API-Key: KEY`. Other schemes are not
/// ours; an empty key counts as none.
PresentedKey presented_key(std::span<const Field> fields);

/// Appends every scope that the request requires, with spaces between: of `/auth?scope=a&scope=b` (form encoding) and
/// of all lines of X-Auth-Required-Scope. Some may be no scopes.
void append_required_scopes(std::string& out, const Request& request);

/// True where the key has all of `required`, which append_required_scopes has made.
bool has_scopes(const keys::Grant& grant, std::string_view required);

/// Appends whole header lines that tell a service behind the proxy whose key it is: X-Auth-Key-Id, X-Auth-Key-Name,
/// X-Auth-Owner and X-Auth-Scopes, always all four, so that what a client sends by these names never survives.
void append_identity(std::string& fields, const keys::Grant& grant);

/// Why a request is not let through, and what it is told.
struct Denial {
  int status;
  /// Its name is the reason in X-Auth-Reason and in the log.
  metrics::Verdict verdict;
  /// In the challenge (RFC 6750 section 3.1); empty where no key was sent.
  std::string_view error;
  std::string_view body;
};

inline constexpr Denial kMissingKey = {401, metrics::Verdict::missing, "",
                                       R"({"valid":false,"error":"Missing API key"})"};
inline constexpr Denial kSeveralKeys = {401, metrics::Verdict::malformed, "invalid_token", keys::kRefusedJson};
inline constexpr Denial kInsufficientScope = {403, metrics::Verdict::scope, "insufficient_scope",
                                              R"({"valid":false,"error":"Insufficient scope"})"};
/// Of a key that was sent and is not good.
Denial denial_of(metrics::Verdict verdict);

/// Appends whole header lines that tell a client why, and what it needs: WWW-Authenticate with those of `required` that
/// are scopes, and X-Auth-Reason.
void append_challenge(std::string& fields, const Denial& denial, std::string_view required);

}  // namespace heare::http
