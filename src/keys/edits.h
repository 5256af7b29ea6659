#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "keys/document.h"
#include "keys/repository.h"
#include "keys/rotation.h"

namespace heare::keys {

// The edits of one key, as commands make them. At a second try each knows whether its first one took effect after all,
// although the store had not told, so that none is made twice. Errors are those of KeyRepository::edit and of the
// document, and `not_found` where there is no record with the id that is asked for.

/// Is shown the document as an edit leaves it, and where in it the record is: at each try, so that the last one counts.
/// After an error, what it was shown may have been written, or may not.
using Look = std::function<void(const KeyDocument& document, size_t position)>;
using RotationLook = std::function<void(const KeyDocument& document, size_t position, const Rotated& rotated)>;

/// The secret is stored as `storage` says, else as the document has new ones.
Result<> create_key(KeyRepository& repository, const NewKey& key, const std::optional<SecretStorage>& storage,
                    const Look& look);
/// Removes every record with that id.
Result<> delete_key(KeyRepository& repository, const std::string& id);
/// Also sets `updated_at` to `now`, by which it knows its own write again.
Result<> change_key(KeyRepository& repository, const std::string& id, std::vector<FieldChange> fields, WallTime now,
                    const Look& look);
Result<> rotate_key(KeyRepository& repository, const std::string& id, const Rotation& rotation,
                    const RotationLook& look);

/// What whoever looks for a key by its id is told.
Error no_such_key(const std::string& id, const std::string& store_url);

}  // namespace heare::keys
