#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/compose.h"
#include "base/random.h"
#include "keys/cipher.h"

namespace heare::app {

/// What an examination has found.
struct Check {
  enum class Status {
    ok,
    failed,
    unproved,  ///< could not be told, which is no fault by itself
  };
  std::string name;
  Status status;
  /// What was found and, unless all is well, what to do.
  std::string detail;
};

/// The words of `--json`: `ok`, `failed`, `unproved`.
std::string_view to_string(Check::Status status);

/// Where the requests come from and go to: credentials and their source, endpoint and region, the clock. For S3 only.
std::vector<Check> check_access(S3Access& s3);

/// The document: there, readable, decrypted, good.
std::vector<Check> check_document(storage::ObjectStore& store, const keys::DocumentCipher& cipher);

/// Whether the store refuses a write on a condition that does not hold, and lets one of 8 racing writers win. Writes a
/// sibling of the document, and removes it; never touches the document. `open_sibling` gives a store of its own for
/// each writer.
Check check_conditional_writes(const std::function<Result<ComposedStore>()>& open_sibling);

/// `<key>.doctor-<random>`: what a policy allows with `<key>.doctor-*`.
std::string sibling_suffix(Random& random);

}  // namespace heare::app
