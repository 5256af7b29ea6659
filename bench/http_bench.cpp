// What a verification takes without sockets: framing and head, the answer with its log line, the bytes to send.

#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "crypto/sha256.h"
#include "http/api.h"
#include "http/message.h"
#include "http/metrics_page.h"
#include "http/request_reader.h"
#include "keys/key_index.h"
#include "log/logger.h"
#include "metrics/requests.h"

namespace {

namespace crypto = heare::crypto;
namespace http = heare::http;
namespace keys = heare::keys;
namespace limits = heare::limits;
namespace log = heare::log;
namespace metrics = heare::metrics;

constexpr std::string_view kSecret = "sec_0001xVceXj6hR4dZO53000000000000000000000000000000000000000000";

constexpr std::string_view kWrongSecret = "sec_0001xVceXj6hR4dZO53000000000000000000000000000000000000000001";

/// Takes lines and forgets them, a batch at a time.
class NullBatch final : public log::Batch {
 public:
  bool wants(log::Level) const override { return true; }
  std::string& buffer() override { return lines_; }
  void commit() override {
    if (lines_.size() >= limits::kLogBatchBytes) flush();
  }
  void flush() override { lines_.clear(); }
  bool empty() const override { return lines_.empty(); }

 private:
  std::string lines_;
};

std::unique_ptr<const keys::KeyIndex> index_of_one() {
  keys::ApiKey key = {};
  key.id = "key_0001xVceXj6hR4dZO53";
  key.name = "My Service 001";
  key.digest = crypto::sha256(kSecret);
  key.enabled = true;
  key.metadata_json = R"({"env":"prod","team":"billing"})";
  keys::KeyIndexBuilder builder;
  builder.add(key);
  return builder.finish();
}

std::string request_with(std::string_view secret) {
  const std::string body = fmt::format(R"({{"api_key": "{}"}})", secret);
  return fmt::format(
      "POST /verify HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body);
}

void read_request(benchmark::State& state) {
  const std::string bytes = request_with(kSecret);
  http::RequestReader reader;
  for (auto _ : state) {
    auto outcome = reader.read(bytes);
    benchmark::DoNotOptimize(outcome);
    reader.next();
  }
}
BENCHMARK(read_request);

std::string forward_auth_with(std::string_view secret) {
  return fmt::format("GET /auth HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-API-Key: {}\r\n\r\n", secret);
}

/// Is never asked.
class NoMetricsPage final : public http::MetricsPage {
 public:
  std::string text() override { return {}; }
};

void verification(benchmark::State& state, const std::string& bytes) {
  const auto index = index_of_one();
  const http::Context context = {
      .index = index.get(), .loaded = true, .now = heare::WallTime(std::chrono::days(20'000))};
  NullBatch batch;
  metrics::Requests requests;
  NoMetricsPage metrics_page;
  http::Api api({batch, requests, metrics_page});
  http::RequestReader reader;
  http::Response response;
  std::string output;
  for (auto _ : state) {
    const auto outcome = reader.read(bytes);
    api.handle(std::get<http::Ready>(outcome).request, context, response);
    reader.next();
    output.clear();
    http::append_response(output, response,
                          {.date = "Sun, 06 Nov 1994 08:49:37 GMT", .connection = {}, .head_only = false});
    benchmark::DoNotOptimize(output);
  }
}
BENCHMARK_CAPTURE(verification, good, request_with(kSecret));
BENCHMARK_CAPTURE(verification, wrong, request_with(kWrongSecret));
BENCHMARK_CAPTURE(verification, forward_auth, forward_auth_with(kSecret));

}  // namespace
