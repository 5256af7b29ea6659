#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "app/colour.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/doctor.h"
#include "app/report.h"
#include "base/text.h"

namespace heare::app {
namespace {

std::vector<Check> examine(ComposedStore& store, const StoreConfig& config, const World& world) {
  std::vector<Check> checks;
  if (store.s3) {
    checks = check_access(*store.s3);
    // Without credentials or an answer, nothing more can be asked.
    if (checks.back().status == Check::Status::failed && checks.back().name != "clock") return checks;
  }
  const keys::DocumentCipher cipher(config.secrets);
  std::ranges::move(check_document(*store.store, cipher), std::back_inserter(checks));
  StoreConfig sibling = config;
  append_to_key(sibling.location, sibling_suffix(world.random));
  checks.push_back(check_conditional_writes([&] { return compose_object_store(sibling, world); }));
  if (const auto* const file = std::get_if<FileLocation>(&sibling.location)) {
    // A lock stays with its file for good; nobody will ask for this one again.
    std::error_code ignored;
    std::filesystem::remove(file->path + ".lock", ignored);
  }
  return checks;
}

std::string as_text(const std::vector<Check>& checks) {
  std::string text;
  for (const Check& check : checks) {
    const char* mark = "!";
    if (check.status == Check::Status::ok) mark = "✓";
    if (check.status == Check::Status::failed) mark = "✗";
    text += fmt::format("{} {}: {}\n", mark, check.name, printable(check.detail));
  }
  return text;
}

std::string as_json(const std::vector<Check>& checks, bool ok) {
  std::string text = fmt::format("{{\n  \"ok\": {},\n  \"checks\": [", ok);
  std::string_view before;
  for (const Check& check : checks) {
    text += before;
    text += "\n    {\n      \"name\": ";
    append_json_string(text, check.name);
    text += ",\n      \"status\": ";
    append_json_string(text, to_string(check.status));
    text += ",\n      \"detail\": ";
    append_json_string(text, check.detail);
    text += "\n    }";
    before = ",";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace

int command_doctor(const DoctorFlags& flags, const World& world) {
  const Result<StoreConfig> config = resolve_store(flags.store, world.environment, world.config_file);
  if (!config) return report_bad_option(world.terminal, config.error());
  if (config->warning) warn(world.terminal, *config->warning);
  Result<ComposedStore> store = compose_object_store(*config, world);
  if (!store) return report_bad_option(world.terminal, store.error());

  const std::vector<Check> checks = examine(*store, *config, world);
  const bool ok =
      std::ranges::none_of(checks, [](const Check& check) { return check.status == Check::Status::failed; });
  if (flags.json) {
    world.terminal.out(as_json(checks, ok));
  } else {
    print_marked(world.terminal, as_text(checks));
  }
  return ok ? kExitDone : kExitFailed;
}

}  // namespace heare::app
