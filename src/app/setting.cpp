#include "app/setting.h"

#include "base/time_format.h"

namespace heare::app {

std::optional<Setting> from_flag(std::string_view name, const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  return Setting{std::string(name), *value};
}

std::optional<Setting> from_variable(const Environment& environment, std::string_view name) {
  return from_flag(name, environment.get(name));
}

std::optional<Setting> first_of(std::initializer_list<std::optional<Setting>> sources) {
  for (const std::optional<Setting>& source : sources) {
    if (source) return source;
  }
  return std::nullopt;
}

Result<std::chrono::milliseconds> duration_or(const std::optional<Setting>& setting,
                                              std::chrono::milliseconds otherwise) {
  if (!setting) return otherwise;
  if (const auto duration = parse_duration(setting->text)) return *duration;
  return fail(ErrorCode::invalid, "{}: not a duration of at most 100 years ({}), for example 500ms, 10s, 5m, 24h or 7d",
              setting->origin, setting->text);
}

}  // namespace heare::app
