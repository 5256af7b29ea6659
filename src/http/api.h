#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "http/forward_auth.h"
#include "http/message.h"
#include "http/metrics_page.h"
#include "http/request_reader.h"
#include "http/time_text.h"
#include "json/reader.h"
#include "keys/key_index.h"
#include "keys/verifier.h"
#include "log/logger.h"
#include "metrics/requests.h"

namespace heare::http {

/// What an answer depends on besides the request.
struct Context {
  /// The snapshot that this thread serves; nullptr before the first load.
  const keys::KeyIndex* index = nullptr;
  /// Every thread has a snapshot, this one or another.
  bool loaded = false;
  /// The snapshot is older than the operator allows.
  bool stale = false;
  /// The service is being stopped.
  bool stopping = false;
  /// Read once for the requests that arrive together.
  WallTime now;
};

/// What is to happen with a request.
enum class Action {
  respond,  ///< the response is complete
  refresh,  ///< load the document anew, then answer with `refresh_answer`
};

/// What an Api writes to, and asks.
struct ApiParts {
  log::Batch& batch;
  /// Requests are counted here, not timed.
  metrics::Requests& requests;
  MetricsPage& metrics_page;
};

struct ApiOptions {
  /// Knows no path but /metrics, and answers it to everybody.
  bool metrics_only = false;
};

/// HTTP behaviour, without sockets: request in, response out. One for each thread, so that its memory is reused.
class Api {
 public:
  explicit Api(const ApiParts& parts, ApiOptions options = {})
      : batch_(parts.batch), requests_(parts.requests), metrics_page_(parts.metrics_page), options_(options) {}

  /// One path of the service, and what may be done with it.
  struct Route {
    std::string_view path;
    /// As the Allow field holds it: `GET, HEAD`. Empty where any method will do.
    std::string_view allowed;
    Action (Api::*handler)(const Request&, const Context&, Response&);
  };

  /// All that there are: what openapi.json must describe. Below `/auth` every path is that one.
  static std::span<const Route> routes();

  Action handle(const Request& request, const Context& context, Response& response);

  /// The answer to POST /refresh once the load has ended, with the number of keys in service.
  void refresh_answer(const Result<size_t>& keys_loaded, WallTime now, Response& response);

 private:
  const Route* find_route(std::string_view path) const;

  Action verify(const Request& request, const Context& context, Response& response);
  Action verify_batch(const Request& request, const Context& context, Response& response);
  Action forward_auth(const Request& request, const Context& context, Response& response);
  Action refresh(const Request& request, const Context& context, Response& response);
  Action health(const Request& request, const Context& context, Response& response);
  Action ready(const Request& request, const Context& context, Response& response);
  Action metrics(const Request& request, const Context& context, Response& response);
  Action openapi(const Request& request, const Context& context, Response& response);
  Action docs(const Request& request, const Context& context, Response& response);

  /// Verifies, counts and logs one key, and appends the answer to it.
  metrics::Verdict answer_key(const Request& request, std::string_view credential, const Context& context,
                              std::string& body);
  /// Counts, logs and answers that a request is not let through; `required` are the scopes that it would need.
  Action deny(const Request& request, const Denial& denial, std::string_view credential, std::string_view required,
              WallTime now, Response& response);

  /// Count the verification, and log it.
  void note_success(const Request& request, const keys::Grant& grant, WallTime now);
  void note_failure(const Request& request, std::string_view credential, metrics::Verdict verdict, WallTime now);
  void log_rejection(const Request& request, WallTime now);
  void end_line(const Request& request, log::Level level, WallTime now);

  log::Batch& batch_;
  metrics::Requests& requests_;
  MetricsPage& metrics_page_;
  const ApiOptions options_;
  json::Reader reader_;
  TimeText times_;
  std::string scratch_;
};

/// The answer to bytes that are no request.
void refusal(const Refused& refused, Response& response);

}  // namespace heare::http
