#include "s3/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/time_format.h"
#include "s3/address.h"

namespace heare::s3 {
namespace {

bool is_one_of(std::string_view text, const auto& all) {
  return std::ranges::find(all, text) != all.end();
}

std::optional<int> number(std::string_view digits) {
  // A minus would be one to from_chars.
  if (digits.starts_with('-')) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  return value;
}

}  // namespace

Answer read_answer(fetch::Response response) {
  Answer answer{std::move(response), {}};
  if (!answer.is_success()) answer.error = read_error_answer(answer.http.body);
  return answer;
}

bool may_pass(const Answer& answer) {
  // What S3 and the stores like it say; RequestTimeout comes with a 400, the others mostly with a 503.
  constexpr std::array<std::string_view, 6> kCodes = {"RequestTimeout",     "SlowDown",   "InternalError",
                                                      "ServiceUnavailable", "Throttling", "TooManyRequests"};
  constexpr std::array<int, 6> kStatuses = {408, 429, 500, 502, 503, 504};
  const bool is_refusal = answer.http.status >= 400;
  return is_refusal &&
         (is_one_of(answer.error.code, kCodes) || std::ranges::find(kStatuses, answer.http.status) != kStatuses.end());
}

std::optional<std::string> named_region(const Answer& answer) {
  // An answer to HEAD has no body and so no code.
  const bool is_malformed =
      answer.http.status == 400 && (answer.error.code == "AuthorizationHeaderMalformed" || answer.error.code.empty());
  if (answer.http.status != 301 && answer.http.status != 307 && !is_malformed) return std::nullopt;
  const std::string_view header = answer.http.header("x-amz-bucket-region");
  std::string region = header.empty() ? answer.error.region : std::string(header);
  if (!is_region_name(region)) return std::nullopt;
  return region;
}

std::optional<WallTime> server_time(const Answer& answer) {
  if (auto told = parse_iso8601(answer.error.server_time)) return told;
  return parse_http_date(answer.http.header("date"));
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // Every field has its place. `x` stands for a letter, `0` for a digit.
  constexpr std::string_view kForm = "xxx, 00 xxx 0000 00:00:00 GMT";
  if (text.size() != kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool is_field = kForm[i] == 'x' || kForm[i] == '0';
    if (!is_field && text[i] != kForm[i]) return std::nullopt;
  }
  const auto* const month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = number(text.substr(5, 2));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;

  const auto date = std::chrono::year(*year) / static_cast<int>(month - kMonths.begin() + 1) / *day;
  const bool is_time = *hour < 24 && *minute < 60 && *second <= 60;
  if (!date.ok() || !is_time) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace heare::s3
