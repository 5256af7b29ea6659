#include "http/head_parser.h"

#include <limits>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace heare::http {
namespace {

namespace beast = boost::beast;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

/// Takes down what Beast's parser finds in a head. Bodies are not its business.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  explicit HeadParser(Head& head) : head_(head) {
    skip(true);
    // The reader has bounded it already.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       beast::error_code&) override {
    head_.method = view(method);
    head_.target = view(target);
    head_.version = version == 11 ? Version::http_1_1 : Version::http_1_0;
  }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code&) override {
    head_.fields.push_back({view(name), view(value)});
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code&) override {
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}

  Head& head_;
};

}  // namespace

bool parse_head(std::string_view bytes, Head& head) {
  head.fields.clear();
  HeadParser parser(head);
  beast::error_code error;
  const size_t parsed = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  return !error && parser.is_header_done() && parsed == bytes.size();
}

}  // namespace heare::http
