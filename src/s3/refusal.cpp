#include "s3/refusal.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace heare::s3 {
namespace {

/// What one of S3's codes means here. The remedy may name `{source}`, where the credentials came from.
struct Meaning {
  std::string_view code;
  ErrorCode error;
  std::string_view remedy;
};

constexpr std::array kMeanings = {
    Meaning{"NoSuchKey", ErrorCode::not_found, "the object has vanished"},
    Meaning{"NoSuchBucket", ErrorCode::invalid, "create the bucket, or correct --bucket, --region or --endpoint-url"},
    Meaning{"InvalidBucketName", ErrorCode::invalid, "correct --bucket"},
    Meaning{"KeyTooLongError", ErrorCode::invalid, "--key may have 1024 bytes"},
    Meaning{"InvalidObjectState", ErrorCode::invalid, "the object is archived: restore it first"},
    Meaning{"InvalidAccessKeyId", ErrorCode::unauthorized, "the store does not know the access key from {source}"},
    // versitygw's word for it, with a 404.
    Meaning{"XAdminUserNotFound", ErrorCode::unauthorized, "the store does not know the access key from {source}"},
    Meaning{"SignatureDoesNotMatch", ErrorCode::unauthorized,
            "the secret access key from {source} does not belong to its access key id, or a proxy changes requests"},
    Meaning{"ExpiredToken", ErrorCode::unauthorized, "the credentials from {source} have expired: renew them"},
    Meaning{"TokenRefreshRequired", ErrorCode::unauthorized, "the credentials from {source} have expired: renew them"},
    Meaning{"InvalidToken", ErrorCode::unauthorized,
            "the session token from {source} does not belong to its access key id, or not to this store"},
    Meaning{"RequestTimeTooSkewed", ErrorCode::unavailable, "set this machine's clock"},
};

bool is_redirect(int status) {
  return status >= 300 && status < 400;
}

/// A write that a store, or a proxy before it, may have taken although it answers so.
bool is_uncertain(const Answer& answer) {
  return may_pass(answer) || (answer.http.status >= 500 && answer.http.status != 501);
}

ErrorCode code_by_status(int status) {
  if (status == 401 || status == 403) return ErrorCode::unauthorized;
  // What stands before a store answers 404 for reasons of its own, and for a while.
  if (status == 404 || status == 408 || status == 429) return ErrorCode::unavailable;
  if (status >= 300 && status < 500) return ErrorCode::invalid;
  return status == 501 ? ErrorCode::invalid : ErrorCode::unavailable;
}

std::string denied_remedy(const RequestContext& context) {
  const std::string_view source = context.credentials_source;
  switch (context.operation) {
    case Operation::read:
      return fmt::format(
          "the credentials from {} may not read {}: they need s3:GetObject (and kms:Decrypt where the bucket is "
          "encrypted with a KMS key); without s3:ListBucket on the bucket, S3 says the same of an object that does not "
          "exist",
          source, context.url);
    case Operation::write:
      return fmt::format(
          "the credentials from {} may not write {}: they need s3:PutObject (and kms:GenerateDataKey where the bucket "
          "is encrypted with a KMS key)",
          source, context.url);
    case Operation::remove:
      return fmt::format("the credentials from {} may not remove {}: they need s3:DeleteObject", source, context.url);
  }
  return "";
}

/// Not empty, and fit for a line of text as it is. (What comes from a body has been made so already.)
bool is_printable(std::string_view text) {
  return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// Without path and query, which may be signed.
std::string_view origin_of(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return "";
  const std::string_view origin = url.substr(0, std::min(url.find_first_of("/?#", scheme_end + 3), url.size()));
  return origin.find('@') == std::string_view::npos && is_printable(origin) ? origin : "";
}

std::string redirect_remedy(const Answer& answer) {
  if (const auto region = named_region(answer)) return fmt::format("set --region {}", *region);
  const std::string_view target = origin_of(answer.http.header("location"));
  if (target.empty()) return "redirects are not followed: correct --region or --endpoint-url";
  return fmt::format("redirects are not followed (this one leads to {}): correct --region or --endpoint-url", target);
}

std::string remedy_for(const Answer& answer, const RequestContext& context) {
  const int status = answer.http.status;
  const bool is_not_implemented = status == 501 || answer.error.code == "NotImplemented";
  if (is_not_implemented && context.is_conditional) {
    return "this store does not honour conditional writes, so that two writers could undo each other's work; where "
           "there is never more than one, --unsafe-unconditional-writes writes all the same";
  }
  if (is_redirect(status) || named_region(answer)) return redirect_remedy(answer);
  if (status == 401 || status == 403) return denied_remedy(context);
  if (status == 404) {
    return "only S3's own NoSuchKey tells that there is no object: is --endpoint-url that of an S3 store?";
  }
  return "";
}

struct Verdict {
  ErrorCode code;
  std::string remedy;
};

Verdict judge(const Answer& answer, const RequestContext& context) {
  if (context.operation == Operation::write && is_uncertain(answer)) {
    return {ErrorCode::unknown_outcome, "whether the write took effect cannot be told"};
  }
  const auto* const known = std::ranges::find(kMeanings, answer.error.code, &Meaning::code);
  if (known != kMeanings.end()) {
    return {known->error, fmt::format(fmt::runtime(known->remedy), fmt::arg("source", context.credentials_source))};
  }
  return {code_by_status(answer.http.status), remedy_for(answer, context)};
}

/// `status 403, request id 4442587FB7D0A2F9, host id uvEc…`: what AWS's support asks for.
std::string reference_of(const Answer& answer) {
  const auto either = [](std::string_view header, const std::string& element) {
    return is_printable(header) ? std::string(header) : element;
  };
  const std::string request_id = either(answer.http.header("x-amz-request-id"), answer.error.request_id);
  const std::string host_id = either(answer.http.header("x-amz-id-2"), answer.error.host_id);
  std::string out = fmt::format("status {}", answer.http.status);
  if (!request_id.empty()) out += ", request id " + request_id;
  if (!host_id.empty()) out += ", host id " + host_id;
  return out;
}

}  // namespace

std::string_view describe(Operation operation) {
  switch (operation) {
    case Operation::read:
      return "reading";
    case Operation::write:
      return "writing";
    case Operation::remove:
      return "removing";
  }
  return "";
}

Error refusal(const Answer& answer, const RequestContext& context) {
  const ErrorAnswer& error = answer.error;
  const Verdict verdict = judge(answer, context);
  std::string text = fmt::format("{} {}: ", describe(context.operation), context.url);
  text += error.code.empty() ? "an answer without S3's code" : error.code;
  if (!error.message.empty()) text += ": " + error.message;
  text += fmt::format(" ({})", reference_of(answer));
  if (!verdict.remedy.empty()) text += "; " + verdict.remedy;
  return {verdict.code, std::move(text)};
}

}  // namespace heare::s3
