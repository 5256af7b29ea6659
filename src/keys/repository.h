#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "keys/cipher.h"
#include "keys/document.h"
#include "keys/loader.h"
#include "keys/progress.h"
#include "storage/object_store.h"

namespace heare::keys {

/// The key document in its store: loads it for the service, reads and edits it for the commands. Used by one thread at
/// a time; what it is made of must outlive it. Errors name the store: its own do, and those about the
/// document begin with its URL.
class KeyRepository {
 public:
  struct Options {
    /// For an edit, besides what the size of the document needs.
    std::chrono::milliseconds edit_timeout = limits::kEditTimeout;
    /// Overwrites whatever is there. Only for a store that knows no conditions, and by a person who knows that nobody
    /// else writes: of two such edits at once one is lost.
    bool unconditional_writes = false;
  };

  KeyRepository(storage::ObjectStore& store, const DocumentCipher& cipher, const Clock& clock, Random& random,
                Options options)
      : store_(store), cipher_(cipher), clock_(clock), random_(random), options_(options) {}
  KeyRepository(storage::ObjectStore& store, const DocumentCipher& cipher, const Clock& clock, Random& random)
      : KeyRepository(store, cipher, clock, random, Options()) {}

  struct Snapshot {
    Loaded loaded;
    storage::EntityTag tag;
  };
  /// NotModified where the document still is `known`. `copy`, if there is one, gets the bytes as the store holds them.
  using LoadOutcome = std::variant<storage::NotModified, storage::Absent, Snapshot>;
  Result<LoadOutcome> load(const std::optional<storage::EntityTag>& known, storage::ByteSink* copy = nullptr);

  /// Hands the document to `copy` as the store holds it, unread; nothing where there is none.
  Result<std::optional<storage::EntityTag>> copy(storage::ByteSink& copy);

  /// The document as it is now; nothing where there is none.
  Result<std::optional<KeyDocument>> read();

  /// Changes the document it is given and tells whether anything changed. It is called again on a newer document when
  /// another writer was faster, and after a write whose fate could not be told (then `in_doubt` is true, from then on):
  /// there, "nothing to change" means that the change has been made. An error ends the edit, and where a write is in
  /// doubt its outcome is unknown.
  using Edit = std::function<Result<bool>(KeyDocument& document, bool in_doubt)>;

  /// What an edit does where there is no document: take KeyDocument::empty() for it, or fail (`not_found`).
  enum class IfAbsent { begin_one, fail };

  /// Read, change, write with the entity tag just read, until it is in or the time is up (`edit_timeout`, and what the
  /// size needs). A write is never sent again blindly. Error `unknown_outcome` where a write was sent and its fate
  /// could not be told in time, or no more, `invalid` where the document is encrypted and there is no current secret to
  /// write it with.
  Result<> edit(const Edit& change, IfAbsent if_absent = IfAbsent::begin_one);

  /// Of the document that was read last, also for an edit: it is encrypted as a write would encrypt it. True where
  /// there is none.
  bool sealed_as_now() const { return sealed_as_now_; }

  /// Tells `progress` of the steps of every call from now on but `load`.
  void tell(Progress progress) { progress_ = std::move(progress); }

  std::string url() const { return store_.url(); }

 private:
  struct Version;
  class Attempts;
  class EditRun;
  Result<Version> fetch();
  /// An edit must not turn an encrypted document into a plain one.
  Result<> check_sealing() const;

  storage::ObjectStore& store_;
  const DocumentCipher& cipher_;
  const Clock& clock_;
  Random& random_;
  const Options options_;
  Progress progress_ = [](Step, uint64_t) {};
  bool sealed_as_now_ = true;
};

}  // namespace heare::keys
