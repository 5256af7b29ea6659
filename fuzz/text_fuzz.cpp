// Arbitrary bytes as times, durations and base64, and as the values of a log line: what is read is written back as it
// was, and a line always parses.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/time_format.h"
#include "json/reader.h"
#include "log/logger.h"
#include "support.h"

namespace {

using heare::fuzz::require;

void check_times(std::string_view text) {
  const auto time = heare::parse_iso8601(text);
  if (time) {
    const std::string written = heare::format_utc(*time);
    // Python's own four digits for a year end at 9999; an offset may lead past that.
    if (written.size() == std::string_view("2026-01-20T10:30:00.123456Z").size()) {
      require(heare::parse_iso8601(written) == time);
    }
  }
  if (const auto duration = heare::parse_duration(text)) require(duration->count() >= 0);
}

void check_base64(std::string_view text) {
  const auto bytes = heare::from_base64(text);
  if (!bytes) return;
  require(heare::from_base64(heare::to_base64(*bytes)) == bytes);
  require(heare::from_base64(heare::to_base64url(*bytes)) == bytes);
}

void check_log_line(std::string_view text) {
  std::string line;
  heare::log::append_line(line, heare::log::Level::warning, "verification_failed",
                          {{"reason", text}, {"number", int64_t{7}}, {"user_agent", text}}, heare::WallTime());
  require(line.ends_with('\n') && line.find('\n') == line.size() - 1);
  line.pop_back();
  heare::json::Reader reader;
  const auto read = reader.read(line);
  require(read.has_value() && read->is_object());
  std::string scratch;
  require(read->find("event").text(scratch) == "verification_failed");
  require(read->find("level").text(scratch) == "warning");
  const std::string reason(read->find("reason").text(scratch));
  require(reason == read->find("user_agent").text(scratch));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = heare::fuzz::text_of(data, size);
  check_times(text);
  check_base64(text);
  check_log_line(text);
  return 0;
}
