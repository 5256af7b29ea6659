#include "base/time_format.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace heare {
namespace {

using std::chrono::microseconds;

constexpr WallTime kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr WallTime kLast = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1) - microseconds(1);

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Python's reader works on a C string: past its end a text goes on with NUL, which is neither digit nor separator.
char char_at(std::string_view text, size_t position) {
  return position < text.size() ? text[position] : '\0';
}

/// Reads `count` digits at `position` and moves it past them.
bool read_digits(std::string_view text, size_t& position, size_t count, int& value) {
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    const char c = char_at(text, position);
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
    ++position;
  }
  return true;
}

/// Reads YYYY-MM-DD or YYYYMMDD and moves `position` past it.
std::optional<std::chrono::sys_days> read_date(std::string_view text, size_t& position) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!read_digits(text, position, 4, year)) return std::nullopt;
  const bool extended = char_at(text, position) == '-';
  if (extended) ++position;
  if (!read_digits(text, position, 2, month)) return std::nullopt;
  if (extended && char_at(text, position++) != '-') return std::nullopt;
  if (!read_digits(text, position, 2, day)) return std::nullopt;
  const auto date = std::chrono::year(year) / month / day;
  if (year < 1 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Bytes of the character that stands between date and time; a UTF-8 sequence is one.
size_t separator_size(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte >= 0xF0) return 4;
  return byte >= 0xE0 ? 3 : 2;
}

/// A time of day, or an offset: fields are not checked for their range yet.
struct Reading {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  bool at_end = true;  ///< nothing stands behind it

  microseconds total() const {
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
           microseconds(microsecond);
  }
};

/// Reads the digits of a fraction up to `end`: at most six count, those behind them are skipped.
bool read_fraction(std::string_view text, size_t position, size_t end, Reading& reading) {
  const size_t count = std::min(end - position, size_t{6});
  if (!read_digits(text, position, count, reading.microsecond)) return false;
  for (size_t i = count; i < 6; ++i) reading.microsecond *= 10;
  while (is_digit(char_at(text, position))) ++position;
  reading.at_end = char_at(text, position) == '\0';
  return true;
}

/// Reads HH[[:]MM[[:]SS]] with a fraction behind any of them. The colon behind the hour decides for all. More lenient
/// than ISO 8601, as Python is: a fraction may follow a third colon, or seconds of the compact form directly.
std::optional<Reading> read_time(std::string_view text, size_t position, size_t end) {
  Reading reading;
  bool extended = false;
  for (int* part : {&reading.hour, &reading.minute, &reading.second}) {
    if (!read_digits(text, position, 2, *part)) return std::nullopt;
    const char next = char_at(text, position);
    if (part == &reading.hour) extended = next == ':';
    if (position + 1 >= end) {
      reading.at_end = next == '\0';
      return reading;
    }
    if (next == '.' || next == ',') {
      ++position;
      break;
    }
    if (extended && next != ':') return std::nullopt;
    if (extended) ++position;
  }
  if (!read_fraction(text, position, end, reading)) return std::nullopt;
  return reading;
}

/// Reads what follows the sign at `sign`.
std::optional<microseconds> read_offset(std::string_view text, size_t sign) {
  const auto reading = read_time(text, sign + 1, text.size());
  if (!reading || !reading->at_end) return std::nullopt;
  microseconds offset = reading->total();
  if (offset >= std::chrono::hours(24)) return std::nullopt;
  // Python takes an offset of less than a second as none.
  if (offset < std::chrono::seconds(1)) offset = microseconds(0);
  return text[sign] == '-' ? -offset : offset;
}

/// Reads the time of day from `position` on, and takes off its offset.
std::optional<microseconds> read_time_of_day(std::string_view text, size_t position) {
  const size_t zone = std::min(text.find_first_of("Z+-", position), text.size());
  const auto time = read_time(text, position, zone);
  if (!time || time->hour > 23 || time->minute > 59 || time->second > 59) return std::nullopt;
  // One odd character, or anything behind a sixth digit of the fraction, is let through in front of a zone: so does
  // Python.
  if (zone == text.size()) return time->at_end ? std::optional(time->total()) : std::nullopt;
  if (text[zone] == 'Z') return char_at(text, zone + 1) == '\0' ? std::optional(time->total()) : std::nullopt;
  const auto offset = read_offset(text, zone);
  return offset ? std::optional(time->total() - *offset) : std::nullopt;
}

char* put_digits(char* out, unsigned value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + count;
}

}  // namespace

void append_utc(std::string& out, WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto digits = [](auto duration) { return static_cast<unsigned>(duration.count()); };

  std::array<char, 27> text{};
  char* end = put_digits(text.data(), static_cast<unsigned>(static_cast<int>(date.year())), 4);
  *end++ = '-';
  end = put_digits(end, static_cast<unsigned>(date.month()), 2);
  *end++ = '-';
  end = put_digits(end, static_cast<unsigned>(date.day()), 2);
  *end++ = 'T';
  end = put_digits(end, digits(clock.hours()), 2);
  *end++ = ':';
  end = put_digits(end, digits(clock.minutes()), 2);
  *end++ = ':';
  end = put_digits(end, digits(clock.seconds()), 2);
  *end++ = '.';
  end = put_digits(end, digits(clock.subseconds()), 6);
  *end = 'Z';
  out.append(text.data(), text.size());
}

std::string format_utc(WallTime time) {
  std::string out;
  append_utc(out, time);
  return out;
}

std::optional<WallTime> parse_iso8601(std::string_view text) {
  size_t position = 0;
  const auto date = read_date(text, position);
  if (!date) return std::nullopt;
  if (position == text.size()) return WallTime(*date);
  const auto time = read_time_of_day(text, position + separator_size(text[position]));
  if (!time) return std::nullopt;
  return std::clamp(WallTime(*date) + *time, kFirst, kLast);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  using Unit = std::pair<std::string_view, int64_t>;
  static constexpr std::array<Unit, 6> kUnits = {
      {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"", 1'000}}};
  static constexpr int64_t kCentury = int64_t{36'525} * 86'400'000;
  static constexpr int64_t kFractionMax = 1'000'000'000;  // nine digits; times a day it still fits

  const auto skip_digits = [&](size_t from) {
    return std::min(text.find_first_not_of("0123456789", from), text.size());
  };
  const size_t whole_end = skip_digits(0);
  const bool has_fraction = char_at(text, whole_end) == '.';
  const size_t number_end = has_fraction ? skip_digits(whole_end + 1) : whole_end;
  const auto* unit = std::ranges::find(kUnits, text.substr(number_end), &Unit::first);
  if (whole_end == 0 || (has_fraction && number_end == whole_end + 1) || unit == kUnits.end()) return std::nullopt;

  int64_t whole = 0;
  for (const char digit : text.substr(0, whole_end)) {
    whole = whole * 10 + (digit - '0');
    if (whole > kCentury) return std::nullopt;
  }
  int64_t fraction = 0;
  int64_t scale = 1;
  for (size_t i = whole_end + 1; i < number_end; ++i) {
    if (scale == kFractionMax) return std::nullopt;
    fraction = fraction * 10 + (text[i] - '0');
    scale *= 10;
  }
  if (whole > kCentury / unit->second) return std::nullopt;
  const int64_t total = whole * unit->second + (fraction * unit->second + scale - 1) / scale;
  if (total > kCentury) return std::nullopt;
  return std::chrono::milliseconds(total);
}

}  // namespace heare
