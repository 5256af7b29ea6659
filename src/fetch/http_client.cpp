#include "fetch/http_client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include <curl/curl.h>

#include "base/text.h"
#include "fetch/time_allowed.h"
#include "fetch/url.h"

namespace heare::fetch {
namespace {

struct HandleFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleFree>;

struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListFree>;

/// A new handle; libcurl's own state is made once and lives as long as the process.
Handle make_handle() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  Handle handle(initialized == CURLE_OK ? curl_easy_init() : nullptr);
  if (!handle) throw std::bad_alloc();
  return handle;
}

void append_to(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

/// Every line that libcurl shall send or, with nothing after the colon, shall not add by itself.
List header_list(const std::vector<Header>& headers) {
  List list;
  for (const std::string_view unwanted : {"Expect", "Accept", "Content-Type", "User-Agent"}) {
    const bool given =
        std::ranges::any_of(headers, [&](const Header& header) { return equal_ignoring_case(header.name, unwanted); });
    if (!given) append_to(list, std::string(unwanted) + ":");
  }
  for (const Header& header : headers) {
    // A semicolon is how libcurl is told to send a header that is empty.
    append_to(list, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  return list;
}

/// One exchange, as libcurl's callbacks see it.
struct Exchange {
  Exchange(CURL* easy_handle, const Request& what, const HttpClient::BodySink& body_sink)
      : handle(easy_handle), request(what), sink(body_sink) {}

  CURL* const handle;
  const Request& request;
  const HttpClient::BodySink& sink;
  const std::chrono::steady_clock::time_point begun_at = std::chrono::steady_clock::now();
  Response response;
  size_t header_bytes = 0;
  bool body_begun = false;
  bool timed_out = false;
  /// Why a callback has ended the transfer.
  std::optional<std::string> refusal;
  std::exception_ptr exception;

  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  bool has_time_left(uint64_t body_bytes);
};

bool Exchange::take_header(std::string_view line) {
  header_bytes += line.size();
  if (header_bytes > kResponseHeaderBytesMax) {
    refusal = fmt::format("the answer's header is longer than {} bytes", kResponseHeaderBytesMax);
    return false;
  }
  // What comes after the body is a trailer: a header that counts has no business there (RFC 9110, section 6.5.1).
  if (body_begun) return true;
  // Each answer begins so, and the last one counts: those before it are interim (1xx).
  if (line.starts_with("HTTP/")) response.headers.clear();
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.starts_with("HTTP/")) return true;
  response.headers.push_back(
      {.name = std::string(line.substr(0, colon)), .value = std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

bool Exchange::take_body(std::string_view bytes) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  body_begun = true;
  if (status == 200 && sink) {
    auto taken = sink(bytes);
    if (!taken) refusal = std::move(taken.error().message);
    return taken.has_value();
  }
  if (response.body.size() + bytes.size() > kGatheredBodyBytesMax) {
    refusal = fmt::format("the answer (status {}) is longer than {} bytes", status, kGatheredBodyBytesMax);
    return false;
  }
  response.body += bytes;
  return true;
}

bool Exchange::has_time_left(uint64_t body_bytes) {
  timed_out = std::chrono::steady_clock::now() - begun_at > time_allowed(request, body_bytes);
  return !timed_out;
}

/// libcurl calls this as bytes come, and about once a second where none do.
int on_progress(void* context, curl_off_t /*total*/, curl_off_t received, curl_off_t /*to_send*/, curl_off_t /*sent*/) {
  return static_cast<Exchange*>(context)->has_time_left(static_cast<uint64_t>(received)) ? 0 : 1;
}

/// Calls a member of Exchange from C: an exception waits until libcurl has returned.
template <bool (Exchange::*Take)(std::string_view)>
size_t on_bytes(char* bytes, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  try {
    return (exchange.*Take)({bytes, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
  } catch (...) {
    exchange.exception = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  // Anything else is an option that this libcurl does not have; with a check left out, nothing may be sent.
  if (code != CURLE_OK) std::abort();
}

/// 0 would mean "no limit" to libcurl.
long milliseconds(std::chrono::milliseconds duration) {
  return static_cast<long>(std::max<std::chrono::milliseconds::rep>(duration.count(), 1));
}

void set_method(CURL* handle, const Request& request) {
  if (request.method == "HEAD") {
    set(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST" || request.method == "PUT" || !request.body.empty()) {
    // As POSTFIELDS the body is neither copied nor read through a callback; the name of the method is then replaced.
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else {
    set(handle, CURLOPT_HTTPGET, 1L);
    set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

bool is_safe_to_repeat(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(ClientOptions options) : options_(std::move(options)), handle_(make_handle()) {}

  std::expected<Response, Failure> send(const Request& request, const BodySink& sink) override;

 private:
  void prepare(const Request& request, const Url& url, const curl_slist* headers, Exchange& exchange);
  Failure failure(CURLcode code, const Request& request, const Url& url, const Exchange& exchange) const;

  const ClientOptions options_;
  const Handle handle_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

std::optional<std::string> fault_of(const Request& request) {
  if (!is_one_line(request.method) || request.method.empty()) return "the method is not one line";
  for (const Header& header : request.headers) {
    if (!is_one_line(header.name) || header.name.empty()) return "the name of a header is not one line";
    if (!is_one_line(header.value)) return fmt::format("the header {} is not one line", header.name);
  }
  return std::nullopt;
}

std::unexpected<Failure> refuse(std::string message) {
  return std::unexpected(Failure{.nothing_sent = true, .timed_out = false, .message = std::move(message)});
}

std::expected<Response, Failure> CurlClient::send(const Request& request, const BodySink& sink) {
  const auto url = parse_url(request.url);
  if (!url) return refuse("asking a peer: its address is no http or https URL");
  if (auto fault = fault_of(request)) return refuse(fmt::format("asking {}: {}", url->shown, *fault));
  Exchange exchange(handle_.get(), request, sink);
  const List headers = header_list(request.headers);
  prepare(request, *url, headers.get(), exchange);

  const CURLcode code = curl_easy_perform(handle_.get());
  if (exchange.exception) std::rethrow_exception(exchange.exception);
  if (code != CURLE_OK) return std::unexpected(failure(code, request, *url, exchange));
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

void CurlClient::prepare(const Request& request, const Url& url, const curl_slist* headers, Exchange& exchange) {
  CURL* handle = handle_.get();
  // Keeps connections, TLS sessions and resolved names.
  curl_easy_reset(handle);
  error_text_.front() = '\0';
  set(handle, CURLOPT_ERRORBUFFER, error_text_.data());
  set(handle, CURLOPT_URL, request.url.c_str());
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  // Signals are the service's; time-outs of name resolution work without them, as libcurl resolves in a thread, for
  // which it need not wait in the end.
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_QUICK_EXIT, 1L);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_timeout));
  if (request.answer_bytes_per_second == 0) {
    set(handle, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
  } else {
    // libcurl's own time-out cannot grow while the answer comes.
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    set(handle, CURLOPT_XFERINFODATA, &exchange);
  }
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_bundle.empty()) {
    set(handle, CURLOPT_CAINFO, options_.ca_bundle.c_str());
    set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (url.is_near) set(handle, CURLOPT_PROXY, "");
  if (request.fresh_connection || !is_safe_to_repeat(request)) set(handle, CURLOPT_FRESH_CONNECT, 1L);
  set_method(handle, request);
  set(handle, CURLOPT_HTTPHEADER, headers);
  set(handle, CURLOPT_HEADERFUNCTION, on_bytes<&Exchange::take_header>);
  set(handle, CURLOPT_HEADERDATA, &exchange);
  set(handle, CURLOPT_WRITEFUNCTION, on_bytes<&Exchange::take_body>);
  set(handle, CURLOPT_WRITEDATA, &exchange);
}

Failure CurlClient::failure(CURLcode code, const Request& request, const Url& url, const Exchange& exchange) const {
  // libcurl counts here what it has handed to the connection of this call's requests: still 0 while it resolves,
  // connects and greets over TLS, whatever ends that. For a request that libcurl has sent again it stays above 0.
  long sent = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_REQUEST_SIZE, &sent);
  const bool timed_out = code == CURLE_OPERATION_TIMEDOUT || exchange.timed_out;
  Failure failure{.nothing_sent = sent == 0, .timed_out = timed_out, .message = {}};
  if (exchange.refusal && code == CURLE_WRITE_ERROR) {
    failure.message = *exchange.refusal;
    return failure;
  }
  std::string_view reason = error_text_.front() != '\0' ? error_text_.data() : curl_easy_strerror(code);
  if (exchange.timed_out) reason = "Timed out: nothing came, or too slowly";
  failure.message = fmt::format("{} {}: {}", request.method, url.shown, reason);
  return failure;
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const Header& header) { return equal_ignoring_case(header.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::unique_ptr<HttpClient> make_http_client(ClientOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace heare::fetch
