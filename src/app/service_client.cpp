#include "app/service_client.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>

#include "app/config.h"
#include "json/reader.h"
#include "json/writer.h"

namespace heare::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectTimeout = 2s;
/// A large document over a slow link takes its time to load.
constexpr auto kRefreshTimeout = 30s;
/// A health check that takes longer is the answer.
constexpr auto kHealthTimeout = 5s;
/// Of an answer that is not ours, enough to recognise who speaks.
constexpr size_t kQuotedMax = 200;

/// What an answer that is no success says: its "error", or its first bytes.
std::string complaint(const fetch::Response& response) {
  json::Reader reader;
  std::string scratch;
  if (const Result<json::Value> value = reader.read(response.body); value && value->is_object()) {
    if (const json::Value error = value->find("error"); error && error.is_string()) {
      return fmt::format("{} (HTTP {})", error.text(scratch), response.status);
    }
  }
  if (response.body.empty()) return fmt::format("HTTP {}", response.status);
  return fmt::format("HTTP {}: {}", response.status, std::string_view(response.body).substr(0, kQuotedMax));
}

Result<std::string> exchange(fetch::HttpClient& client, const fetch::Request& request) {
  std::expected<fetch::Response, fetch::Failure> response = client.send(request);
  // Its message names the call.
  if (!response) return fail(ErrorCode::unavailable, "{}", response.error().message);
  if (response->status != 200) {
    return fail(ErrorCode::unavailable, "{} {}: {}", request.method, without_credentials(request.url),
                complaint(*response));
  }
  return std::move(response->body);
}

std::optional<uint64_t> to_count(json::Value value) {
  uint64_t count = 0;
  if (!value) return std::nullopt;
  const std::string_view text = value.raw();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

std::string laid_out(json::Value value) {
  std::string out;
  json::append_indented(out, value, 0);
  return out;
}

}  // namespace

Result<RefreshAnswer> call_refresh(fetch::HttpClient& client, const std::string& url) {
  fetch::Request request;
  request.method = "POST";
  request.url = url;
  request.connect_timeout = kConnectTimeout;
  request.timeout = kRefreshTimeout;
  const Result<std::string> body = exchange(client, request);
  if (!body) return std::unexpected(body.error());

  json::Reader reader;
  const Result<json::Value> answer = reader.read(*body);
  const std::optional<uint64_t> count =
      answer && answer->is_object() ? to_count(answer->find("keys_loaded")) : std::nullopt;
  if (!count) return fail(ErrorCode::unavailable, "{}: not an answer of heare-auth", without_credentials(url));
  return RefreshAnswer{*count, laid_out(*answer)};
}

Result<std::string> call_health(fetch::HttpClient& client, const std::string& url) {
  fetch::Request request;
  request.url = url;
  request.connect_timeout = kConnectTimeout;
  request.timeout = kHealthTimeout;
  const Result<std::string> body = exchange(client, request);
  if (!body) return std::unexpected(body.error());

  json::Reader reader;
  std::string scratch;
  const Result<json::Value> answer = reader.read(*body);
  const json::Value status = answer && answer->is_object() ? answer->find("status") : json::Value();
  if (!status || !status.is_string() || status.text(scratch) != "ok") {
    return fail(ErrorCode::unavailable, "{}: not an answer of heare-auth", without_credentials(url));
  }
  return laid_out(*answer);
}

}  // namespace heare::app
