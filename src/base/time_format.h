#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace heare {

/// `2026-01-20T10:30:00.123456Z`: RFC 3339 in UTC, always with six digits. `time` lies in the years 1 to 9999.
std::string format_utc(WallTime time);
/// The same, appended: for lines that are built without an allocation.
void append_utc(std::string& out, WallTime time);

/// Reads ISO 8601 as Python 3.11's `datetime.fromisoformat` does, week dates aside: date alone, compact or extended,
/// any one character between date and time, no minutes or seconds, a fraction (digits past the sixth are cut), `Z` or
/// an offset (with seconds and fraction, under 24 hours). Without an offset it is UTC. Nothing where it is no such
/// time. What an offset carries past the years 1 to 9999 becomes the first or last microsecond of them: as much in the
/// past or the future, and it can be printed.
std::optional<WallTime> parse_iso8601(std::string_view text);

/// Reads a number, decimals allowed, with `ms`, `s`, `m`, `h` or `d`; a bare number is seconds. Part of a millisecond
/// counts as a whole one, so that only zero is zero. Nothing where it is none, negative, or more than a century.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace heare
