#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "keys/cipher.h"
#include "keys/key_index.h"
#include "storage/object_store.h"

namespace heare::keys {

/// An optional field of a wrong type or form; `what_is_doubtful` tells what it counts as.
struct DoubtfulField {
  std::string key_id;
  std::string field;
};

/// What a load has brought.
struct Loaded {
  std::unique_ptr<const KeyIndex> index;
  /// Records whose secret is plain.
  size_t plain_secret_count = 0;
  /// At most kDoubtfulFieldsMax of them; `doubtful_field_count` counts all.
  std::vector<DoubtfulField> doubtful_fields;
  size_t doubtful_field_count = 0;
};

/// A document with a million faults must not fill the log.
inline constexpr size_t kDoubtfulFieldsMax = 100;

/// Builds a snapshot from a document's bytes as they come from the store: decrypted, split into records, each parsed
/// into the index. Nothing holds the whole document, and nothing is adopted unless the whole proves good. A long
/// document is worked on by threads of the loader's own, so `append` may tell of a fault in what came before.
class DocumentLoader : public storage::ByteSink {
 public:
  /// `append` has failed: not the transfer is at fault but the document, and `finish` tells how.
  virtual bool refused() const = 0;
  /// Ends the document. Errors are `corrupt`.
  virtual Result<Loaded> finish() = 0;
};

/// `cipher` must outlive the loader.
std::unique_ptr<DocumentLoader> make_document_loader(const DocumentCipher& cipher);

}  // namespace heare::keys
