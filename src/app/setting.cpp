#include "app/setting.h"

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

}  // namespace heare::app
