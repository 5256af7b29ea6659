#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace heare::app {

/// The environment variables as a dependency, so that tests can have their own.
class Environment {
 public:
  virtual ~Environment() = default;
  /// Nothing where the variable is not set, or set but empty.
  virtual std::optional<std::string> get(std::string_view name) const = 0;
};

/// The variables that the process was started with; lives as long as the program.
const Environment& process_environment();

/// Made-up variables.
class MapEnvironment final : public Environment {
 public:
  explicit MapEnvironment(std::map<std::string, std::string, std::less<>> variables = {})
      : variables_(std::move(variables)) {}
  std::optional<std::string> get(std::string_view name) const override;

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace heare::app
