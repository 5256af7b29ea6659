#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "http/api.h"

#include "http/http_test_support.h"

namespace heare::http::testing {

inline const WallTime kNow = *parse_iso8601("2026-01-20T15:30:00.123456Z");
inline constexpr std::string_view kInvalidKey = R"({"valid":false,"error":"Invalid API key"})";

/// sec_good, sec_rich (with scopes and an owner), sec_disabled, sec_expired, and one that no proxy lets through.
inline std::unique_ptr<const keys::KeyIndex> example_index() {
  auto service = key_with("sec_good", "key_1");
  service.metadata_json = R"({"env":"prod"})";
  auto rich = key_with("sec_rich", "key_2");
  rich.name = "a \"name\"";
  rich.scopes = {"reports:*", "b"};
  rich.owner = "team";
  auto disabled = key_with("sec_disabled", "key_3");
  disabled.enabled = false;
  auto expired = key_with("sec_expired", "key_4");
  expired.expires_at = kNow - std::chrono::microseconds(1);
  auto exotic = key_with("sec_\n\xC3\xA4", "key_5");
  return index_of({service, rich, disabled, expired, exotic});
}

/// Asks an Api that has the example's keys.
class ApiTest : public ::testing::Test {
 protected:
  const Response& ask(std::string_view method, std::string_view path, std::string_view body = {},
                      std::string_view query = {}) {
    Request request = {};
    request.method = method;
    request.path = path;
    request.query = query;
    request.fields = fields_;
    request.body = body;
    request.peer_address = peer_;
    action_ = api_.handle(request, context_, response_);
    return response_;
  }
  const Response& verify(std::string_view body) { return ask("POST", "/verify", body); }
  std::string log_text() {
    batch_->flush();
    return logger_.text();
  }
  /// Whether POST /refresh is let through.
  bool may_refresh() {
    ask("POST", "/refresh");
    return action_ == Action::refresh;
  }

  MemoryLogger logger_;
  std::unique_ptr<log::Batch> batch_ = logger_.make_batch();
  metrics::Requests requests_;
  FixedMetricsPage metrics_page_;
  Api api_{{*batch_, requests_, metrics_page_}};
  std::unique_ptr<const keys::KeyIndex> index_ = example_index();
  Context context_ = {.index = index_.get(), .loaded = true, .now = kNow};
  std::vector<Field> fields_ = {{"User-Agent", "curl/7.88"}};
  std::string peer_ = "127.0.0.1";
  Response response_;
  Action action_ = Action::respond;
};

}  // namespace heare::http::testing
