#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_format.h"
#include "log/logger.h"

namespace heare::log {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

struct AppendValue {
  std::string& out;

  void operator()(std::string_view text) const { append_json_string(out, text); }
  void operator()(int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      fmt::format_to(std::back_inserter(out), "{}", number);
    } else {
      out += "null";
    }
  }
};

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (text == name_of(level)) return level;
  }
  return std::nullopt;
}

void append_line(std::string& out, Level level, std::string_view event, std::initializer_list<Field> fields,
                 WallTime time) {
  out += R"({"event":)";
  append_json_string(out, event);
  for (const Field& field : fields) {
    out += ',';
    append_json_string(out, field.name);
    out += ':';
    std::visit(AppendValue{out}, field.value);
  }
  out += R"(,"timestamp":")";
  append_utc(out, time);
  out += R"(","level":")";
  out += name_of(level);
  out += "\"}\n";
}

}  // namespace heare::log
