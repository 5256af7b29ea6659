#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <variant>

#include "http/message.h"

namespace heare::http {

/// Not all of the request is there yet.
struct NeedMore {
  enum class Part {
    start,  ///< no byte of it: the connection is idle
    header,
    body,
  };
  Part part;
  /// The client waits for `100 Continue` before it sends the body; told once a request.
  bool wants_continue = false;
  /// So many bytes at `drop_at` of the buffer are decoded or ignored: the caller takes them out before it calls again,
  /// so that a chunked body needs no memory beyond its text, and an ignored one none.
  size_t drop_at = 0;
  size_t drop_count = 0;
};

/// The bytes are no request that may be answered otherwise than with this status; the connection then closes.
struct Refused {
  int status;
  std::string_view error;
};

/// A whole request. Its views are valid until the buffer changes or the reader is called again.
struct Ready {
  Request request;
  /// Bytes of the buffer that it took.
  size_t consumed;
  /// The client's wish and the protocol's default: HTTP/1.1 keeps the connection unless told otherwise. False also
  /// where the rest of a body is not waited for.
  bool keep_alive;
  /// It came in HTTP/1.0, where keeping the connection must be told.
  bool http_1_0;
};

/// The refusal with that status, and the words that clients know.
Refused refuse(int status);

/// What is done with the body of a request.
struct BodyRule {
  size_t bytes_max;
  /// It is dropped as it comes. One that is longer is not waited for: the request is then ready without it, and its
  /// connection not to be kept. Expectations that cannot be met are ignored as well.
  bool ignored = false;
};

/// The rule for requests for `path`.
using BodyRules = BodyRule (*)(std::string_view path);

/// Bodies are read, up to limits::kBodyBytesMax, but those of is_forward_auth are ignored.
BodyRule default_body_rule(std::string_view path);

/// Finds requests in the bytes of a connection: refuses whatever a proxy in front might read otherwise (bare LF,
/// obs-fold, NUL, white space before a colon, doubtful framing), splits the head and decodes the body. One empty line
/// before a request is passed over (RFC 9112 section 2.2).
/// Knows no sockets. One for each connection; its memory is reused.
class RequestReader {
 public:
  explicit RequestReader(BodyRules body_rules = default_body_rule);
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  /// Looks at `buffered`, which begins with the first byte of a request and holds all that has arrived since (it may
  /// move between calls). Bytes that an earlier call looked at are not scanned again. After anything but NeedMore, call
  /// `next` before the next.
  std::variant<NeedMore, Refused, Ready> read(std::string_view buffered);

  /// Makes ready for the next request on the connection.
  void next();

  /// The request at hand is known to be a HEAD: whatever it is answered has no body.
  bool is_head() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heare::http
