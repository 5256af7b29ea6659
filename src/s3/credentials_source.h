#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "s3/credentials.h"

namespace heare::s3 {

/// One link of the credentials chain. Used by one thread at a time.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;
  /// Reads credentials anew; nothing where this source is not configured. Errors say what is wrong, not where (the
  /// chain puts `name` in front), and never hold a value: `unauthorized` where the source is broken, `unavailable`
  /// where it may pass.
  virtual Result<std::optional<Credentials>> load() = 0;
  /// For people, as it reads behind "credentials from".
  virtual std::string name() const = 0;
  /// What `load` looked for, for the error that there is nothing at all.
  virtual std::string looked_for() const = 0;
};

/// Refuses what cannot be part of a request: an empty key id or secret (so half a pair too), and bytes that would break
/// a header, such as the newline that a shell's `echo` adds to a secret.
Result<Credentials> checked(Credentials credentials);

/// True where `text` is not empty and printable ASCII without spaces: safe in a header's value.
bool is_header_word(std::string_view text);
/// The same, with spaces: safe as a header's whole value.
bool is_header_value(std::string_view text);

}  // namespace heare::s3
