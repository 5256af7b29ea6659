#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "app/environment.h"
#include "base/error.h"

namespace heare::app {

/// A value, and the name of the option, variable or field that it was given by: what messages about it begin with.
struct Setting {
  std::string origin;
  std::string text;
};

std::optional<Setting> from_flag(std::string_view name, const std::optional<std::string>& value);
std::optional<Setting> from_variable(const Environment& environment, std::string_view name);

/// The first that is there: sources in the order of their precedence.
std::optional<Setting> first_of(std::initializer_list<std::optional<Setting>> sources);

/// The duration that `setting` holds, `otherwise` where there is none.
Result<std::chrono::milliseconds> duration_or(const std::optional<Setting>& setting,
                                              std::chrono::milliseconds otherwise);

}  // namespace heare::app
