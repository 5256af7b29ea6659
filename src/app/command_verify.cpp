#include <fmt/format.h>

#include "app/colour.h"
#include "app/commands.h"
#include "app/compose.h"
#include "app/report.h"
#include "json/reader.h"
#include "json/writer.h"
#include "keys/verifier.h"

namespace heare::app {
namespace {

/// As `/verify` answers, laid out for people.
std::string as_json(const keys::Decision& decision) {
  std::string answer;
  keys::append_answer(answer, decision);
  json::Reader reader;
  std::string out;
  json::append_indented(out, *reader.read(answer, limits::kNestingMax + 2), 0);
  return out + "\n";
}

std::string text_of(std::string_view json) {
  json::Reader reader;
  std::string scratch;
  return printable(reader.read(json)->text(scratch));
}

std::string as_text(const keys::Decision& decision) {
  if (!decision.grant) return fmt::format("✗ Refused: {}\n", keys::to_string(decision.refusal));
  return fmt::format("✓ Good: {} ({})\n", text_of(decision.grant->id_json), text_of(decision.grant->name_json));
}

/// The keys of the store; nothing where there is no document.
Result<std::unique_ptr<const keys::KeyIndex>> load_keys(keys::KeyRepository& repository, Terminal& terminal) {
  Result<keys::KeyRepository::LoadOutcome> loaded = repository.load(std::nullopt);
  if (!loaded) return std::unexpected(loaded.error());
  if (auto* const snapshot = std::get_if<keys::KeyRepository::Snapshot>(&*loaded)) {
    return std::move(snapshot->loaded.index);
  }
  warn(terminal, fmt::format("{} does not exist: no key is good", repository.url()));
  return keys::KeyIndexBuilder().finish();
}

}  // namespace

int command_verify(const VerifyFlags& flags, const World& world) {
  const Result<Secret> secret = world.terminal.read_secret("API key: ");
  if (!secret) {
    report_failure(world.terminal, secret.error());
    return kExitCannotTell;
  }
  if (secret->reveal().empty()) {
    return report_bad_option(world.terminal, {ErrorCode::invalid, "standard input: empty, a secret was expected"});
  }
  const auto store = open_store(flags.store, world);
  if (!store) return store.error() == kExitFailed ? kExitCannotTell : store.error();
  const auto index = load_keys((*store)->repository(), world.terminal);
  if (!index) {
    report_failure(world.terminal, index.error());
    return kExitCannotTell;
  }
  const keys::Decision decision = keys::verify(**index, secret->reveal(), world.clock.now());
  if (flags.json) {
    world.terminal.out(as_json(decision));
  } else {
    print_marked(world.terminal, as_text(decision));
  }
  return decision.grant ? kExitDone : kExitFailed;
}

}  // namespace heare::app
