// Arbitrary bytes as what a client sends: in one piece, in two, and byte by byte the RequestReader must find the same
// requests, and the Api must answer each.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/sha256.h"
#include "http/api.h"
#include "http/metrics_page.h"
#include "http/request_reader.h"
#include "keys/key_index.h"
#include "log/logger.h"
#include "metrics/requests.h"
#include "support.h"

namespace {

using heare::fuzz::require;

namespace http = heare::http;
namespace keys = heare::keys;
namespace log = heare::log;

/// Takes everything, and checks that it is whole lines.
class Sink final : public log::Batch {
 public:
  bool wants(log::Level /*level*/) const override { return true; }
  std::string& buffer() override { return buffer_; }
  void commit() override {
    require(buffer_.ends_with('\n'));
    require(reader_.read(std::string_view(buffer_).substr(0, buffer_.size() - 1)).has_value());
    require(buffer_.find('\n') == buffer_.size() - 1);
    buffer_.clear();
  }
  void flush() override {}
  bool empty() const override { return buffer_.empty(); }

 private:
  std::string buffer_;
  heare::json::Reader reader_;
};

/// Tells nothing.
class NoMetricsPage final : public http::MetricsPage {
 public:
  std::string text() override { return {}; }
};

const keys::KeyIndex& index() {
  static const auto index = [] {
    keys::ApiKey key = {};
    key.id = "key_1";
    key.name = "a \"name\"";
    key.digest = heare::crypto::sha256("sec_good");
    key.enabled = true;
    key.metadata_json = "{}";
    key.scopes = {"reports:*", "b"};
    key.owner = "a\r\nteam";
    keys::KeyIndexBuilder builder;
    builder.add(key);
    return builder.finish();
  }();
  return *index;
}

/// True for whole lines of visible ASCII and spaces.
bool are_field_lines(std::string_view fields) {
  while (!fields.empty()) {
    const size_t end = fields.find("\r\n");
    if (end == std::string_view::npos) return false;
    if (std::ranges::any_of(fields.substr(0, end), [](char c) { return c < 0x20 || c > 0x7E; })) return false;
    fields.remove_prefix(end + 2);
  }
  return true;
}

/// What a connection gets that sends `bytes` in pieces of `piece_size`.
std::string answers_to(std::string_view bytes, size_t piece_size) {
  static Sink sink;
  static heare::metrics::Requests requests;
  static NoMetricsPage metrics_page;
  static http::Api api({sink, requests, metrics_page});
  static http::Response response;
  const http::Context context = {.index = &index(), .loaded = true, .now = heare::WallTime{}};

  http::RequestReader reader;
  std::string buffer;
  std::string answers;
  while (!bytes.empty()) {
    // Exactly as large as what it holds, so that a look past its end is noticed.
    buffer += bytes.substr(0, piece_size);
    buffer.shrink_to_fit();
    bytes.remove_prefix(std::min(piece_size, bytes.size()));
    while (true) {
      const auto outcome = reader.read(buffer);
      if (const auto* const more = std::get_if<http::NeedMore>(&outcome)) {
        buffer.erase(more->drop_at, more->drop_count);
        break;
      }
      if (const auto* const refused = std::get_if<http::Refused>(&outcome)) {
        http::refusal(*refused, response);
        append_response(answers, response, {.date = {}, .connection = "close", .head_only = false});
        return answers;
      }
      const auto& ready = std::get<http::Ready>(outcome);
      http::Request request = ready.request;
      request.peer_address = "127.0.0.1";
      const auto action = api.handle(request, context, response);
      if (action == http::Action::refresh) api.refresh_answer(1, context.now, response);
      require(are_field_lines(response.fields));
      append_response(answers, response, {.date = {}, .connection = {}, .head_only = !ready.keep_alive});
      // What follows is thrown away.
      if (!ready.keep_alive) return answers;
      buffer.erase(0, ready.consumed);
      reader.next();
    }
  }
  return answers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string answers = answers_to(bytes, std::max<size_t>(size, 1));
  const size_t first_piece = size == 0 ? 1 : 1 + data[size / 2] % size;
  require(answers_to(bytes, first_piece) == answers);
  if (size < 2000) require(answers_to(bytes, 1) == answers);
  return 0;
}
