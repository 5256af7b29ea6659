#pragma once

#include "app/flags.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "keys/document.h"

namespace heare::app {

/// The key that the flags of `create` describe, with a new id and secret. Its expiry is kept as RFC 3339 in UTC,
/// however it was typed: so that every reader of the document, in any language, takes it for the same moment. Errors
/// are `invalid` and name the option.
Result<keys::NewKey> make_new_key(const CreateFlags& flags, WallTime now, Random& random);

}  // namespace heare::app
