#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace heare::fetch {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method = "GET";
  /// Sent with the path exactly as it is here. User information in it becomes basic authentication.
  std::string url;
  /// Sent exactly as they are here; besides them only Host and, with a body or for POST and PUT, Content-Length.
  std::vector<Header> headers;
  /// Must outlive the call. Not for GET and HEAD.
  std::string_view body;
  std::chrono::milliseconds connect_timeout{2000};
  /// The whole exchange, besides what the next field gives.
  std::chrono::milliseconds timeout{10000};
  /// Where it is not 0: each so many bytes of the answer's body that have come give the exchange another second. So an
  /// answer of any size has the time that it needs, and one that trickles has not, whatever length it claims.
  uint64_t answer_bytes_per_second = 0;
  /// Opens a new connection even where one is kept: for a second try.
  bool fresh_connection = false;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;

  /// The first header of that name (in any case), or an empty text.
  std::string_view header(std::string_view name) const;
};

/// Why no answer came, or not all of it.
struct Failure {
  /// True where nothing of the request can have reached the peer: it is safe to send again whatever it is. (Behind an
  /// https proxy it may be false although only the proxy was asked.)
  bool nothing_sent = false;
  bool timed_out = false;
  /// Names method, scheme, host and path: never what stands before the host or in the query, which may be secret. Of
  /// an error of the sink, that error's message as it is.
  std::string message;
};

struct ClientOptions {
  /// A PEM file of certificate authorities instead of the system's, as AWS_CA_BUNDLE has it; empty for the system's.
  std::string ca_bundle;
};

/// What an answer other than a streamed one may have in its body: those are errors, credentials and small reports.
inline constexpr size_t kGatheredBodyBytesMax = size_t{1024} * 1024;
/// What an answer may have in its header: several times what S3 and its proxies send.
inline constexpr size_t kResponseHeaderBytesMax = size_t{64} * 1024;

/// An HTTP/1.1 client with keep-alive: certificates are verified, the proxy environment is honoured (but not towards
/// this machine and link-local addresses), redirects are not followed, `Expect: 100-continue` is never sent. Used by
/// one thread at a time.
///
/// Nothing but GET and HEAD is ever sent twice: they alone go over a kept connection, where libcurl sends again by
/// itself if the peer has closed it meanwhile; everything else gets a new one.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Takes the body of a 200 as it arrives, instead of Response::body; every other status gathers its body there (up
  /// to kGatheredBodyBytesMax; more is a failure). An error ends the transfer.
  using BodySink = std::function<Result<>(std::string_view)>;

  virtual std::expected<Response, Failure> send(const Request& request, const BodySink& sink = nullptr) = 0;
};

std::unique_ptr<HttpClient> make_http_client(ClientOptions options = {});

}  // namespace heare::fetch
