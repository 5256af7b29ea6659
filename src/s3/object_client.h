#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "fetch/http_client.h"
#include "s3/answer.h"
#include "s3/refusal.h"
#include "s3/s3_store.h"
#include "storage/object_store.h"

namespace heare::s3 {

/// What is asked of a store about its object; not signed yet.
struct ObjectRequest {
  /// A write is never sent again once it may have arrived; everything else is.
  Operation operation = Operation::read;
  std::string method = "GET";
  /// Besides those that every signed request has.
  std::vector<fetch::Header> headers;
  /// Must outlive the call.
  std::string_view body;
  /// Takes the body of a 200; `restart` is called before each try. Must outlive the call.
  storage::ByteSink* sink = nullptr;
};

/// Signs requests to one object and brings back the store's answer. What makes an answer that surely did nothing is put
/// right and sent again, each once: the region (remembered), the clock (the offset is remembered), credentials that
/// have been renewed meanwhile. What may pass is tried up to three times within its patience.
class ObjectClient {
 public:
  ObjectClient(S3Location location, S3Dependencies dependencies, std::chrono::milliseconds patience);

  /// The store's answer, whatever it says. Errors: that of the sink; of the credentials; `unavailable` where no answer
  /// came, and `unknown_outcome` where it is a write that may have arrived.
  Result<Answer> send(const ObjectRequest& request);

  /// The error that `answer` to `request` means.
  Error refused(const Answer& answer, const ObjectRequest& request, bool is_conditional = false) const;

  S3Facts facts() const;
  /// `s3://bucket/key`.
  std::string url() const;

 private:
  struct Signed;
  struct Corrections;
  class Intake;

  Result<Signed> prepare(const ObjectRequest& request, std::string_view payload_hash);
  Answer take_answer(fetch::Response response, const Signed& sent);
  bool correct(const Answer& answer, const Signed& sent, Corrections& made);
  bool correct_region(const Answer& answer);
  bool correct_clock(const Answer& answer);
  bool has_other_credentials(const Answer& answer, const Credentials& used);
  std::unexpected<Error> no_answer(const ObjectRequest& request, const fetch::Failure& failure) const;

  const S3Location location_;
  const S3Dependencies dependencies_;
  const std::chrono::milliseconds patience_;
  /// The region that is asked: the location's, until an answer names another.
  std::string region_;
  /// What is added to this machine's time to sign.
  std::chrono::microseconds signing_offset_{0};
  std::chrono::seconds measured_offset_{0};
};

}  // namespace heare::s3
