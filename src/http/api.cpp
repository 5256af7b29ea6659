#include "http/api.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/time_format.h"
#include "http/client_address.h"
#include "http/pages.h"
#include "metrics/prometheus.h"

namespace heare::http {
namespace {

using namespace std::string_view_literals;

/// In place of an Allow field.
constexpr std::string_view kAnyMethod = "";

/// True where `method` is one of `allowed`, which is written as the Allow field holds it: `GET, HEAD`.
bool allows(std::string_view allowed, std::string_view method) {
  while (!allowed.empty()) {
    const size_t comma = std::min(allowed.find(", "), allowed.size());
    if (allowed.substr(0, comma) == method) return true;
    allowed.remove_prefix(std::min(comma + 2, allowed.size()));
  }
  return false;
}

Action respond(Response& response, int status, std::string_view body) {
  response.status = status;
  response.body = body;
  return Action::respond;
}

constexpr std::string_view kInvalidJson = R"({"error":"Invalid JSON"})";
constexpr std::string_view kTooManyKeys = R"-({"error":"Too many api_keys (limit 100)"})-";
static_assert(limits::kBatchKeysMax == 100);

/// Comes first, so that what cannot be verified now is never called wrong; where it cannot, `response` says so.
bool can_verify(const Context& context, Response& response) {
  if (context.index == nullptr) {
    respond(response, 503, R"({"error":"Keys not loaded"})");
  } else if (context.stale) {
    respond(response, 503, R"({"error":"Keys too old"})");
  }
  return response.status == 200;
}

/// How many elements an array of strings has; nothing for any other value.
std::optional<size_t> count_strings(json::Value array) {
  if (!array.is_array()) return std::nullopt;
  size_t count = 0;
  for (json::Value element = array.first(); element; element = element.next()) {
    if (!element.is_string()) return std::nullopt;
    ++count;
  }
  return count;
}

/// The client is on this machine, and so is everyone that its proxies have seen before them.
bool is_from_this_machine(const Request& request) {
  if (!is_loopback_address(request.peer_address)) return false;
  return std::ranges::all_of(request.fields, [](const Field& field) {
    if (field.value.empty()) return true;
    if (equal_ignoring_case(field.name, "x-forwarded-for")) return all_loopback(field.value);
    if (equal_ignoring_case(field.name, "x-real-ip")) return all_loopback(field.value);
    if (equal_ignoring_case(field.name, "forwarded")) return all_loopback_forwarded(field.value);
    return true;
  });
}

/// A chain of a dozen proxies.
constexpr size_t kLoggedForwardingBytesMax = 256;
/// Longer than any browser's. It is logged for each key of a batch, and a client may send 32 KiB.
constexpr size_t kLoggedAgentBytesMax = 512;

/// Everything that proxies say about who asks, for the log.
std::string forwarding_fields(const Request& request) {
  std::string values;
  for (const Field& field : request.fields) {
    const bool forwards = equal_ignoring_case(field.name, "x-forwarded-for") ||
                          equal_ignoring_case(field.name, "x-real-ip") || equal_ignoring_case(field.name, "forwarded");
    if (!forwards || field.value.empty()) continue;
    if (!values.empty()) values += ", ";
    values += field.value;
  }
  return values;
}

metrics::Verdict verdict_of(keys::Refusal refusal) {
  switch (refusal) {
    case keys::Refusal::expired:
      return metrics::Verdict::expired;
    case keys::Refusal::disabled:
      return metrics::Verdict::disabled;
    case keys::Refusal::not_found:
      break;
  }
  return metrics::Verdict::not_found;
}

/// What a log may tell of a credential: its first four characters, and of a short one nothing.
std::string_view credential_prefix(std::string_view utf8) {
  constexpr size_t kShown = 4;
  constexpr size_t kShortest = 8;
  size_t shown_bytes = 0;
  size_t position = 0;
  for (size_t characters = 0; characters < kShortest; ++characters) {
    if (position >= utf8.size()) return "***";
    if (characters == kShown) shown_bytes = position;
    position += std::max<size_t>(1, utf8_sequence_length(utf8.substr(position)));
  }
  return utf8.substr(0, shown_bytes);
}

}  // namespace

std::span<const Api::Route> Api::routes() {
  static constexpr std::array kRoutes = {
      // The busy ones first.
      Route{"/verify", "POST", &Api::verify},
      Route{"/auth", kAnyMethod, &Api::forward_auth},
      Route{"/verify/batch", "POST", &Api::verify_batch},
      Route{"/refresh", "POST", &Api::refresh},
      Route{"/health", "GET, HEAD", &Api::health},
      Route{"/ready", "GET, HEAD", &Api::ready},
      Route{"/metrics", "GET, HEAD", &Api::metrics},
      Route{"/openapi.json", "GET, HEAD", &Api::openapi},
      Route{"/docs", "GET, HEAD", &Api::docs},
  };
  return kRoutes;
}

const Api::Route* Api::find_route(std::string_view path) const {
  if (options_.metrics_only && path != "/metrics") return nullptr;
  if (is_forward_auth(path)) path = "/auth";
  const std::span<const Route> all = routes();
  const auto found = std::ranges::find(all, path, &Route::path);
  return found == all.end() ? nullptr : &*found;
}

Action Api::handle(const Request& request, const Context& context, Response& response) {
  response.reset();
  const Route* const route = find_route(request.path);
  if (route == nullptr) return respond(response, 404, R"({"error":"Not found"})");
  if (route->allowed != kAnyMethod && !allows(route->allowed, request.method)) {
    append(response.fields, "Allow: ", route->allowed, "\r\n");
    return respond(response, 405, R"({"error":"Method not allowed"})");
  }
  return (this->*route->handler)(request, context, response);
}

Action Api::verify(const Request& request, const Context& context, Response& response) {
  if (!can_verify(context, response)) return Action::respond;
  const auto body = reader_.read(request.body);
  if (!body) return respond(response, 400, kInvalidJson);
  const json::Value member = body->find("api_key");
  if (!member || !member.is_string()) return respond(response, 400, R"({"error":"Missing api_key field"})");

  const metrics::Verdict verdict = answer_key(request, member.text(scratch_), context, response.body);
  if (verdict == metrics::Verdict::success) return Action::respond;
  response.status = 403;
  append(response.fields, "X-Auth-Reason: ", to_string(verdict), "\r\n");
  return Action::respond;
}

Action Api::verify_batch(const Request& request, const Context& context, Response& response) {
  if (!can_verify(context, response)) return Action::respond;
  const auto body = reader_.read(request.body);
  if (!body) return respond(response, 400, kInvalidJson);
  const json::Value credentials = body->find("api_keys");
  const auto count = count_strings(credentials);
  if (!count) return respond(response, 400, R"({"error":"Missing api_keys field"})");
  if (*count > limits::kBatchKeysMax) return respond(response, 400, kTooManyKeys);

  response.body += R"({"results":)";
  char before = '[';
  for (json::Value credential = credentials.first(); credential; credential = credential.next()) {
    response.body += before;
    (void)answer_key(request, credential.text(scratch_), context, response.body);
    before = ',';
  }
  response.body += *count == 0 ? "[]}" : "]}";
  return Action::respond;
}

metrics::Verdict Api::answer_key(const Request& request, std::string_view credential, const Context& context,
                                 std::string& body) {
  const keys::Decision decision = keys::verify(*context.index, credential, context.now);
  append_answer(body, decision);
  if (decision.grant) {
    note_success(request, *decision.grant, context.now);
    return metrics::Verdict::success;
  }
  const metrics::Verdict verdict = verdict_of(decision.refusal);
  note_failure(request, credential, verdict, context.now);
  return verdict;
}

Action Api::forward_auth(const Request& request, const Context& context, Response& response) {
  if (!can_verify(context, response)) return Action::respond;
  const PresentedKey presented = presented_key(request.fields);
  if (presented.count != 1) {
    // Of several keys the log shows none: nobody can tell which of them counts.
    return deny(request, presented.count == 0 ? kMissingKey : kSeveralKeys, {}, {}, context.now, response);
  }
  const keys::Decision decision = keys::verify(*context.index, presented.key, context.now);
  if (!decision.grant) {
    return deny(request, denial_of(verdict_of(decision.refusal)), presented.key, {}, context.now, response);
  }
  scratch_.clear();
  append_required_scopes(scratch_, request);
  if (!has_scopes(*decision.grant, scratch_)) {
    return deny(request, kInsufficientScope, presented.key, scratch_, context.now, response);
  }
  note_success(request, *decision.grant, context.now);
  response.content_type = {};
  append_identity(response.fields, *decision.grant);
  return Action::respond;
}

Action Api::deny(const Request& request, const Denial& denial, std::string_view credential, std::string_view required,
                 WallTime now, Response& response) {
  note_failure(request, credential, denial.verdict, now);
  append_challenge(response.fields, denial, required);
  return respond(response, denial.status, denial.body);
}

Action Api::refresh(const Request& request, const Context& context, Response& response) {
  if (is_from_this_machine(request)) return Action::refresh;
  requests_.refreshes_rejected.add();
  log_rejection(request, context.now);
  return respond(response, 403, R"({"error":"Refresh endpoint only accessible from localhost"})");
}

void Api::refresh_answer(const Result<size_t>& keys_loaded, WallTime now, Response& response) {
  response.reset();
  if (keys_loaded) {
    fmt::format_to(std::back_inserter(response.body), R"({{"success":true,"keys_loaded":{},"timestamp":"{}"}})",
                   *keys_loaded, format_utc(now));
    return;
  }
  response.status = 500;
  response.body = R"({"error":)";
  append_json_string(response.body, fmt::format("Failed to refresh keys: {}", keys_loaded.error().message));
  response.body += '}';
}

Action Api::health(const Request&, const Context&, Response& response) {
  requests_.health.add();
  return respond(response, 200, R"({"status":"ok"})");
}

Action Api::ready(const Request&, const Context& context, Response& response) {
  if (context.stopping) return respond(response, 503, R"({"status":"stopping"})");
  // Ready means all of it: the next request may meet another thread.
  if (!context.loaded) return respond(response, 503, R"({"status":"loading"})");
  if (context.stale) return respond(response, 503, R"({"status":"stale"})");
  return respond(response, 200, R"({"status":"ready"})");
}

Action Api::metrics(const Request& request, const Context&, Response& response) {
  if (!options_.metrics_only && !is_from_this_machine(request)) {
    return respond(response, 403, R"({"error":"Metrics endpoint only accessible from localhost"})");
  }
  response.content_type = metrics::kPrometheusContentType;
  return respond(response, 200, metrics_page_.text());
}

// A page is of the version that runs: `no-cache` has a browser ask again after an upgrade.

Action Api::openapi(const Request&, const Context&, Response& response) {
  response.fields = "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n";
  response.page = openapi_json();
  return Action::respond;
}

Action Api::docs(const Request&, const Context&, Response& response) {
  // What the page may load stands in the page, beside what it is about; this one would not be heeded there.
  response.fields =
      "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n"
      "Content-Security-Policy: frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n";
  response.content_type = "text/html; charset=utf-8";
  response.page = docs_html();
  return Action::respond;
}

// Both verification lines are put together here rather than by log::append_line: the key's pieces are JSON already.

void Api::note_success(const Request& request, const keys::Grant& grant, WallTime now) {
  requests_.verifications.count(metrics::Verdict::success);
  if (!batch_.wants(log::Level::info)) return;
  append(batch_.buffer(), R"({"event":"verification_success","key_id":)", grant.id_json, R"(,"key_name":)",
         grant.name_json);
  end_line(request, log::Level::info, now);
}

void Api::note_failure(const Request& request, std::string_view credential, metrics::Verdict verdict, WallTime now) {
  requests_.verifications.count(verdict);
  if (!batch_.wants(log::Level::warning)) return;
  std::string& line = batch_.buffer();
  line += R"({"event":"verification_failed","secret_prefix":)";
  append_json_string(line, credential_prefix(credential));
  append(line, R"(,"reason":")", to_string(verdict), "\"");
  end_line(request, log::Level::warning, now);
}

/// Among the lines that may be dropped: anybody on the network can make them, as many and as long as they like.
void Api::log_rejection(const Request& request, WallTime now) {
  if (!batch_.wants(log::Level::warning)) return;
  const std::string forwarded = forwarding_fields(request);
  log::append_line(batch_.buffer(), log::Level::warning, "refresh_rejected",
                   {{"client_host", request.peer_address},
                    {"forwarded_for", std::string_view(forwarded).substr(0, kLoggedForwardingBytesMax)}},
                   now);
  batch_.commit();
}

void Api::end_line(const Request& request, log::Level level, WallTime now) {
  std::string& line = batch_.buffer();
  const Field* const user_agent = request.find("user-agent");
  line += R"(,"user_agent":)";
  append_json_string(line, user_agent == nullptr ? "unknown" : user_agent->value.substr(0, kLoggedAgentBytesMax));
  append(line, R"(,"timestamp":")", times_.rfc3339(now),
         level == log::Level::info ? R"(","level":"info"})"sv : R"(","level":"warning"})"sv, "\n");
  batch_.commit();
}

void refusal(const Refused& refused, Response& response) {
  response.reset();
  response.status = refused.status;
  response.body = R"({"error":)";
  append_json_string(response.body, refused.error);
  response.body += '}';
}

}  // namespace heare::http
