#include "fetch/url.h"

#include <memory>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"

namespace heare::fetch {
namespace {

struct ParserFree {
  void operator()(CURLU* parser) const { curl_url_cleanup(parser); }
};
using Parser = std::unique_ptr<CURLU, ParserFree>;

std::string part_of(const Parser& parser, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(parser.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

/// `host` as libcurl tells it: addresses in their usual form, those of IPv6 in brackets. fd00:ec2:: is where the
/// metadata and the credentials of Amazon's machines and pods are.
bool is_near(std::string_view host) {
  if (equal_ignoring_case(host, "localhost") || equal_ignoring_case(host, "localhost.")) return true;
  if (host.starts_with('['))
    return equal_ignoring_case(host, "[::1]") || equal_ignoring_case(host.substr(0, 6), "[fe80:") ||
           equal_ignoring_case(host, "[fd00:ec2::254]") || equal_ignoring_case(host, "[fd00:ec2::23]");
  const bool is_address = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_address && (host.starts_with("127.") || host.starts_with("169.254."));
}

}  // namespace

std::optional<Url> parse_url(const std::string& text) {
  const Parser parser(curl_url());
  if (!parser || curl_url_set(parser.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string scheme = part_of(parser, CURLUPART_SCHEME);
  const std::string host = part_of(parser, CURLUPART_HOST);
  const std::string port = part_of(parser, CURLUPART_PORT);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  return Url{.shown = fmt::format("{}://{}{}{}{}", scheme, host, port.empty() ? "" : ":", port,
                                  part_of(parser, CURLUPART_PATH)),
             .is_near = is_near(host)};
}

}  // namespace heare::fetch
