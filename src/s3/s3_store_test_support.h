#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fetch/http_client.h"
#include "s3/credentials.h"
#include "s3/s3_store.h"
#include "storage/object_store.h"
#include "support/fake_clock.h"
#include "support/raw_server.h"
#include "support/sequence_random.h"

namespace heare::s3::testing {

using heare::testing::answer_with;
using heare::testing::FakeClock;
using heare::testing::RawPeer;
using heare::testing::RawServer;
using heare::testing::SequenceRandom;

/// Gives the credentials that it was told, one after the other; the last ones from then on.
class ListedCredentials final : public CredentialsProvider {
 public:
  std::vector<Credentials> all = {{"AKIDFIRST", Secret("first-secret-key"), Secret("first-token"), std::nullopt}};
  std::optional<Error> error;
  size_t calls = 0;

  Result<Credentials> get() override {
    if (error) return std::unexpected(*error);
    return all.at(std::min(calls++, all.size() - 1));
  }
  std::string source() const override { return "the environment"; }
};

/// A client without a wire: hands each request to `answer`.
class HttpWithoutWire final : public fetch::HttpClient {
 public:
  using Answer = std::function<std::expected<fetch::Response, fetch::Failure>(const fetch::Request&, const BodySink&)>;

  Answer answer;
  std::vector<fetch::Request> requests;

  std::expected<fetch::Response, fetch::Failure> send(const fetch::Request& request, const BodySink& sink) override {
    requests.push_back(request);
    return answer(request, sink);
  }
};

/// An answer as it goes over the wire; `headers` are whole lines, each with its end.
inline std::string wire(int status, std::string_view headers = "", std::string_view body = "") {
  return fmt::format("HTTP/1.1 {} Reason\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

/// What S3 answers when it refuses.
inline std::string wire_error(int status, std::string_view code, std::string_view headers = "",
                              std::string_view elements = "") {
  return wire(status, headers,
              fmt::format("<Error><Code>{}</Code><Message>Because.</Message>{}</Error>", code, elements));
}

inline RawServer::Answer answer(int status, std::string_view headers = "", std::string_view body = "") {
  return answer_with(wire(status, headers, body));
}
inline RawServer::Answer error_answer(int status, std::string_view code, std::string_view headers = "",
                                      std::string_view elements = "") {
  return answer_with(wire_error(status, code, headers, elements));
}
inline RawServer::Answer reset_connection() {
  return [](RawPeer& peer) { peer.reset(); };
}

/// The value of a header in what was received, or "absent".
inline std::string header_in(std::string_view head, std::string_view name) {
  const std::string begin = fmt::format("\r\n{}: ", name);
  const size_t at = head.find(begin);
  if (at == std::string_view::npos) return "absent";
  return std::string(head.substr(at + begin.size(), head.find("\r\n", at + 2) - at - begin.size()));
}

/// A store at a scripted peer that answers these requests in this order.
class ScriptedStore {
 public:
  explicit ScriptedStore(std::vector<RawServer::Answer> script, RawServer::Answer on_connect = nullptr)
      : server(std::move(script), std::move(on_connect)),
        http(fetch::make_http_client()),
        store(make_s3_store({.bucket = "bucket", .key = "keys.json", .region = "us-east-1", .endpoint = server.url("")},
                            {credentials, *http, clock, random})) {}

  std::string head(size_t request) const { return server.requests().at(request).head; }
  std::string header(size_t request, std::string_view name) const { return header_in(head(request), name); }
  size_t request_count() const { return server.requests().size(); }

  RawServer server;
  FakeClock clock;
  SequenceRandom random;
  ListedCredentials credentials;
  std::unique_ptr<fetch::HttpClient> http;
  std::unique_ptr<S3Store> store;
  storage::StringSink sink;
};

/// The same without a wire, at AWS.
class StoreWithoutWire {
 public:
  explicit StoreWithoutWire(HttpWithoutWire::Answer http_answer, std::string endpoint = "")
      : store(make_s3_store({.bucket = "bucket", .key = "keys.json", .region = "us-east-1", .endpoint = endpoint},
                            {credentials, http, clock, random})) {
    http.answer = std::move(http_answer);
  }

  FakeClock clock;
  SequenceRandom random;
  ListedCredentials credentials;
  HttpWithoutWire http;
  std::unique_ptr<S3Store> store;
  storage::StringSink sink;
};

}  // namespace heare::s3::testing
