#include "http/time_text.h"

#include <array>

#include <fmt/format.h>

#include "base/time_format.h"

namespace heare::http {
namespace {

// Not from the locale: the protocol's names are English.
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string format_http_date(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

std::string_view TimeText::http_date(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != date_second_) {
    date_ = format_http_date(second);
    date_second_ = second;
  }
  return date_;
}

std::string_view TimeText::rfc3339(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != stamp_second_) {
    stamp_ = format_utc(second);
    stamp_second_ = second;
  }
  // Six digits before the final Z.
  auto microseconds = (time - second).count();
  for (size_t digit = stamp_.size() - 2; digit > stamp_.size() - 8; --digit) {
    stamp_[digit] = static_cast<char>('0' + microseconds % 10);
    microseconds /= 10;
  }
  return stamp_;
}

}  // namespace heare::http
