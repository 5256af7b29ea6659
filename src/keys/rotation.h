#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "keys/api_key.h"
#include "keys/document.h"

namespace heare::keys {

/// A new secret for a key that clients use: the old one may stay good for a while, so that they can change over.
struct Rotation {
  Secret secret;
  /// How it is stored. Nothing: as the record's old one where that is hashed, else as the document has new ones.
  std::optional<SecretStorage> storage;
  WallTime now;
  /// How long the old secret stays good, never past the key's own expiry. Zero ends the old one, and with it what
  /// earlier rotations have left good: nobody rotates so but to shut out whoever has a secret of this key.
  std::chrono::milliseconds grace{0};
};

/// What a rotation has done.
struct Rotated {
  /// False where the record has that secret already, or had it before yet another rotation: nothing was changed.
  bool changed;
  /// Until when the old secret is good; nothing where it is not.
  std::optional<WallTime> old_good_until;
  /// A Python service may share the document: some secret in it was plain before.
  bool beside_plain_secrets;
};

/// Until when the secret that `key` has now stays good; nothing where it is gone at once.
std::optional<WallTime> grace_end(const ApiKey& key, const Rotation& rotation);

/// Puts a new secret into the record at `position` and sets `updated_at`. Earlier secrets that are past are dropped.
Result<Rotated> rotate(KeyDocument& document, size_t position, const Rotation& rotation);

}  // namespace heare::keys
