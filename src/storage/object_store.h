#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

namespace heare::storage {

/// Names one state of an object: two reads with equal tags have equal bytes. Opaque.
struct EntityTag {
  std::string value;
  bool operator==(const EntityTag&) const = default;
};

/// Takes an object's bytes as they arrive, so that nobody needs to hold the whole.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// What came before is void: a transfer that broke off begins again. Also called before the first byte.
  virtual void restart() = 0;
  /// An error ends the transfer, and `get` returns that error.
  virtual Result<> append(std::string_view bytes) = 0;
};

/// The simplest sink: all of it in one string.
class StringSink final : public ByteSink {
 public:
  void restart() override { bytes.clear(); }
  Result<> append(std::string_view part) override {
    bytes += part;
    return {};
  }
  std::string bytes;
};

struct NotModified {};
/// There is no such object. Not a failure, and no failure is ever this.
struct Absent {};
struct Read {
  EntityTag tag;
};
using GetOutcome = std::variant<NotModified, Absent, Read>;

struct IfMatch {
  EntityTag tag;
};
struct IfAbsent {};
/// Overwrites whatever is there: only for `doctor` and `--unsafe-unconditional-writes`.
struct Unconditional {};
using Precondition = std::variant<IfMatch, IfAbsent, Unconditional>;

struct Stored {
  EntityTag tag;
};
/// The precondition did not hold; nothing was written.
struct Conflict {};
using PutOutcome = std::variant<Stored, Conflict>;

struct Object {
  std::string_view bytes;
  std::string_view content_type;
};

/// One object, somewhere: the only seam between heare-auth and its storage. Implementations are used by one thread at
/// a time. Errors: `unauthorized` (credentials), `unavailable` (may pass), `invalid` (will not pass: no such bucket,
/// not a file), `corrupt` (cannot be read).
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Reads the object into `sink`, or answers NotModified where its tag still is `known`, and then leaves the sink
  /// alone. After an error the sink may hold a part.
  virtual Result<GetOutcome> get(const std::optional<EntityTag>& known, ByteSink& sink) = 0;

  /// Replaces the object as a whole, atomically: a reader sees the old one or the new one. Never sent twice. Errors
  /// besides the above: `not_found` where IfMatch meets no object at all (it has vanished: recreate nothing), and
  /// `unknown_outcome` where it was sent and its fate cannot be told: read before anything else.
  virtual Result<PutOutcome> put(const Object& object, const Precondition& precondition) = 0;

  /// Removes the object; done where there is none.
  virtual Result<> remove() = 0;

  /// Where it is, for people: `s3://bucket/keys.json`, `file:///path/keys.json`. Holds no secret.
  virtual std::string url() const = 0;
};

}  // namespace heare::storage
