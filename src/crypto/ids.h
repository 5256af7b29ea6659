#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"

namespace heare::crypto {

/// A heare-id is `<prefix>_<generation><timestamp><entropy>`: one character, Unix seconds in 8 digits of base 62
/// (`0-9A-Za-z`), and characters that are each uniform and independent.

/// `key_` and 19 characters, 10 of them entropy.
std::string make_key_id(WallTime now, Random& random);

/// `sec_` and 60 characters: 45 of entropy (267 bits), then the base-62 CRC-32 of all before in 6 digits, by which a
/// scanner can tell a secret from a lookalike.
Secret make_secret(WallTime now, Random& random);

/// What a heare-id tells by itself.
struct IdInfo {
  std::string prefix;
  char generation;
  WallTime created_at;
  /// The last 6 characters are the CRC-32 of the rest. Secrets of the Python tool have none: false by chance but for
  /// one in four thousand million.
  bool has_checksum;
};

/// Nothing where `text` has not the form of a heare-id.
std::optional<IdInfo> inspect_id(std::string_view text);

}  // namespace heare::crypto
