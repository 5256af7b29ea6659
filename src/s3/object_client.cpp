#include "s3/object_client.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/sha256.h"
#include "s3/address.h"
#include "s3/attempts.h"
#include "s3/sigv4.h"

namespace heare::s3 {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{2000};
/// From the first to the last byte of an exchange, besides what its size needs.
constexpr milliseconds kExchangeTimeout{10'000};
/// A link that is slower than this is as good as none.
constexpr uint64_t kBytesPerSecondMin = 1'000'000;

milliseconds time_for(size_t bytes) {
  return milliseconds(bytes * 1000 / kBytesPerSecondMin);
}

bool is_same(const Credentials& left, const Credentials& right) {
  return left.access_key_id == right.access_key_id &&
         left.secret_access_key.reveal() == right.secret_access_key.reveal() &&
         left.session_token.reveal() == right.session_token.reveal();
}

/// Overwrites every `secret` in `text`.
void hide(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "***");
    at += 3;
  }
}

}  // namespace

struct ObjectClient::Signed {
  fetch::Request http;
  Credentials credentials;
  /// The one header value that is made of secrets.
  std::string authorization;
};

struct ObjectClient::Corrections {
  bool region = false;
  bool clock = false;
  bool credentials = false;
};

/// Passes a body on to its sink, within the bound, and keeps the sink's error.
class ObjectClient::Intake {
 public:
  Intake(storage::ByteSink* sink, std::string what) : sink_(sink), what_(std::move(what)) {}

  void restart() {
    received_ = 0;
    if (sink_ != nullptr) sink_->restart();
  }

  fetch::HttpClient::BodySink callback() {
    if (sink_ == nullptr) return nullptr;
    return [this](std::string_view bytes) { return append(bytes); };
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  Result<> append(std::string_view bytes) {
    received_ += bytes.size();
    Result<> taken = received_ <= limits::kDocumentBytesMax
                         ? sink_->append(bytes)
                         : fail(ErrorCode::invalid, "{}: larger than {} bytes", what_, limits::kDocumentBytesMax);
    if (!taken) error_ = taken.error();
    return taken;
  }

  storage::ByteSink* const sink_;
  const std::string what_;
  uint64_t received_ = 0;
  std::optional<Error> error_;
};

ObjectClient::ObjectClient(S3Location location, S3Dependencies dependencies, milliseconds patience)
    : location_(std::move(location)), dependencies_(dependencies), patience_(patience), region_(location_.region) {}

Result<Answer> ObjectClient::send(const ObjectRequest& request) {
  const std::string payload_hash = to_hex(crypto::sha256(request.body));
  // Begins once there are credentials: what fetching them takes has a bound of its own.
  std::optional<Attempts> attempts;
  Corrections corrections;
  Intake intake(request.sink, fmt::format("{} {}", describe(request.operation), url()));
  while (true) {
    Result<Signed> prepared = prepare(request, payload_hash);
    if (!prepared) return std::unexpected(prepared.error());
    if (!attempts) attempts.emplace(dependencies_.clock, dependencies_.random, patience_);
    fetch::Request& http = prepared->http;
    http.timeout = std::min(kExchangeTimeout, attempts->time_left()) + time_for(request.body.size());
    http.answer_bytes_per_second = kBytesPerSecondMin;
    http.fresh_connection = !attempts->is_first();

    intake.restart();
    auto response = dependencies_.http.send(http, intake.callback());
    if (intake.error()) return std::unexpected(*intake.error());
    if (!response) {
      const bool is_safe = request.operation != Operation::write || response.error().nothing_sent;
      if (is_safe && attempts->pause()) continue;
      return no_answer(request, response.error());
    }
    Answer answer = take_answer(std::move(*response), *prepared);
    if (correct(answer, *prepared, corrections)) continue;
    if (request.operation != Operation::write && may_pass(answer) && attempts->pause()) continue;
    return answer;
  }
}

Result<ObjectClient::Signed> ObjectClient::prepare(const ObjectRequest& request, std::string_view payload_hash) {
  const std::string doing = fmt::format("{} {}", describe(request.operation), url());
  const Result<Address> address = make_address(location_, region_);
  if (!address) return fail_in(doing, address.error());
  Result<Credentials> credentials = dependencies_.credentials.get();
  if (!credentials) return fail_in(doing, std::move(credentials.error()));

  SignableRequest signable = {.method = request.method,
                              .path = address->path,
                              .query = {},
                              .headers = request.headers,
                              .payload_hash = std::string(payload_hash)};
  signable.headers.push_back({.name = "Host", .value = address->host});
  Signed result;
  result.http.method = request.method;
  result.http.url = address->url();
  result.http.headers = signed_headers(std::move(signable), *credentials, {.region = region_, .service = "s3"},
                                       dependencies_.clock.now() + signing_offset_);
  result.http.body = request.body;
  result.http.connect_timeout = kConnectTimeout;
  result.authorization = result.http.headers.back().value;
  result.credentials = std::move(*credentials);
  return result;
}

/// Reads the answer, learns from its clock, and takes out of its texts what they must not repeat.
Answer ObjectClient::take_answer(fetch::Response response, const Signed& sent) {
  Answer answer = read_answer(std::move(response));
  if (const auto time = server_time(answer)) {
    // A Date is cut to the second: half of one more is nearer.
    const auto offset = *time + milliseconds(500) - dependencies_.clock.now();
    measured_offset_ = std::chrono::round<std::chrono::seconds>(offset);
  }
  const Credentials& used = sent.credentials;
  const std::string_view signature = std::string_view(sent.authorization).substr(sent.authorization.rfind('=') + 1);
  for (const std::string_view secret : {signature, used.session_token.reveal(), used.secret_access_key.reveal()}) {
    hide(answer.error.message, secret);
  }
  return answer;
}

bool ObjectClient::correct(const Answer& answer, const Signed& sent, Corrections& made) {
  if (answer.is_success()) return false;
  if (!made.region && correct_region(answer)) return made.region = true;
  if (!made.clock && correct_clock(answer)) return made.clock = true;
  if (!made.credentials && has_other_credentials(answer, sent.credentials)) return made.credentials = true;
  return false;
}

bool ObjectClient::correct_region(const Answer& answer) {
  auto region = named_region(answer);
  if (!region || *region == region_) return false;
  region_ = std::move(*region);
  return true;
}

/// Also the way back, when this machine's clock has been set right since the offset was learnt.
bool ObjectClient::correct_clock(const Answer& answer) {
  if (answer.error.code != "RequestTimeTooSkewed") return false;
  const auto time = server_time(answer);
  if (!time) return false;
  signing_offset_ = *time - dependencies_.clock.now();
  return true;
}

bool ObjectClient::has_other_credentials(const Answer& answer, const Credentials& used) {
  constexpr std::array<std::string_view, 4> kCodes = {"ExpiredToken", "TokenRefreshRequired", "InvalidToken",
                                                      "InvalidAccessKeyId"};
  if (std::ranges::find(kCodes, answer.error.code) == kCodes.end()) return false;
  const Result<Credentials> now = dependencies_.credentials.get();
  return now && !is_same(*now, used);
}

std::unexpected<Error> ObjectClient::no_answer(const ObjectRequest& request, const fetch::Failure& failure) const {
  const std::string doing = fmt::format("{} {}", describe(request.operation), url());
  if (request.operation == Operation::write && !failure.nothing_sent) {
    return fail(ErrorCode::unknown_outcome, "{}: {}; whether the write took effect cannot be told", doing,
                failure.message);
  }
  return fail(ErrorCode::unavailable, "{}: {}", doing, failure.message);
}

Error ObjectClient::refused(const Answer& answer, const ObjectRequest& request, bool is_conditional) const {
  return refusal(answer, {.operation = request.operation,
                          .url = url(),
                          .credentials_source = dependencies_.credentials.source(),
                          .is_conditional = is_conditional});
}

S3Facts ObjectClient::facts() const {
  S3Facts facts;
  if (region_ != location_.region) facts.learnt_region = region_;
  facts.clock_offset = measured_offset_;
  return facts;
}

std::string ObjectClient::url() const {
  return fmt::format("s3://{}/{}", location_.bucket, location_.key);
}

}  // namespace heare::s3
