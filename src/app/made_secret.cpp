#include "app/made_secret.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "app/after_edit.h"
#include "app/colour.h"
#include "app/record_json.h"
#include "app/report.h"
#include "keys/record_fields.h"

namespace heare::app {
namespace {

constexpr std::string_view kSaveTheSecret =
    "\n⚠️  Save the SECRET securely - it will not be shown again!\n"
    "    Use the ID for reference and logging.\n";

std::string as_text(const MadeSecret& made, bool outcome_known) {
  return fmt::format("\n{}:\n  ID:          {}\n  Secret:      {}\n{}",
                     outcome_known ? made.heading : made.doubtful_heading, printable(made.id), made.secret.reveal(),
                     made.details);
}

/// All but the value of the last member, `refresh`, and what follows it.
std::string json_before_refresh(const MadeSecret& made) {
  const std::array<ExtraMember, 2> extra = {{{"secret", keys::string_json(made.secret.reveal())}, {"refresh", ""}}};
  json::Reader reader;
  std::string out;
  RecordPrinter().append(out, *reader.read(made.record), 0, extra);
  return out.substr(0, out.rfind("\n}"));
}

std::string json_from_refresh(const std::optional<uint64_t>& refreshed) {
  return refresh_json(refreshed) + "\n}\n";
}

/// The write was sent, and its fate is unknown: the secret may be good, so its owner gets it all the same.
int report_unknown(const MadeSecret& made, const Error& error, bool json, Terminal& terminal) {
  if (json) {
    terminal.out(json_before_refresh(made) + json_from_refresh(std::nullopt));
  } else {
    terminal.out(as_text(made, false));
    print_marked(terminal, kSaveTheSecret);
  }
  const int exit_code = report_failure(terminal, error);
  terminal.err(made.how_to_find_out + "\n");
  return exit_code;
}

}  // namespace

int show_made_secret(const MadeSecret& made, const Result<>& stored, const std::optional<std::string>& refresh_url,
                     bool json, const World& world) {
  Terminal& terminal = world.terminal;
  if (!stored && stored.error().code == ErrorCode::unknown_outcome) {
    return report_unknown(made, stored.error(), json, terminal);
  }
  if (!stored) return report_failure(terminal, stored.error());

  // What is shown once must not be lost with a call that hangs and is broken off: JSON goes out in two parts.
  terminal.out(json ? json_before_refresh(made) : as_text(made, true));
  if (const Result<> shown = terminal.flush(); !shown) {
    const int exit_code = report_failure(terminal, shown.error());
    terminal.err(made.when_lost + "\n");
    // Whatever became of the new secret, an old one that it has replaced must not stay good.
    refresh_after_edit(refresh_url, world);
    return exit_code;
  }
  const std::optional<uint64_t> refreshed = refresh_after_edit(refresh_url, world);
  if (json) {
    terminal.out(json_from_refresh(refreshed));
    return kExitDone;
  }
  if (refreshed) print_marked(terminal, "\n" + refreshed_line(*refreshed));
  print_marked(terminal, kSaveTheSecret);
  return kExitDone;
}

}  // namespace heare::app
