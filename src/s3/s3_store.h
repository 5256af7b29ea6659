#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "fetch/http_client.h"
#include "s3/credentials.h"
#include "storage/object_store.h"

namespace heare::s3 {

struct S3Location {
  std::string bucket;
  std::string key;
  std::string region = "us-east-1";
  /// `https://host[:port]`, addressed in path style; empty for AWS itself, in virtual-host style.
  std::string endpoint;
};

struct S3Dependencies {
  CredentialsProvider& credentials;
  fetch::HttpClient& http;
  const Clock& clock;
  Random& random;
};

/// What a store learns on the way, for `doctor`.
struct S3Facts {
  /// The region that answered, where it is not the one asked for.
  std::optional<std::string> learnt_region;
  /// How far this machine's clock is behind the store's (from the Date of its last answer).
  std::chrono::seconds clock_offset{0};
};

class S3Store : public storage::ObjectStore {
 public:
  virtual S3Facts facts() const = 0;
};

/// Three tries that hang take as long.
inline constexpr std::chrono::seconds kPatience{30};

/// An object in S3. What is safe to send again is tried up to three times within `patience`; a PUT is sent once. Errors
/// name the operation, bucket and key, S3's code, message and request ids, and a remedy where there is one.
std::unique_ptr<S3Store> make_s3_store(S3Location location, S3Dependencies dependencies,
                                       std::chrono::milliseconds patience = kPatience);

}  // namespace heare::s3
