#include "app/run.h"

#include <csignal>
#include <exception>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "app/command_line.h"
#include "app/commands.h"
#include "app/core_dumps.h"
#include "app/report.h"
#include "app/world.h"

namespace heare::app {
namespace {

struct Dispatch {
  const World& world;

  int operator()(const ServeFlags& flags) const { return command_serve(flags, world); }
  int operator()(const CreateFlags& flags) const { return command_create(flags, world); }
  int operator()(const ListFlags& flags) const { return command_list(flags, world); }
  int operator()(const ShowFlags& flags) const { return command_show(flags, world); }
  int operator()(const UpdateFlags& flags) const { return command_update(flags, world); }
  int operator()(const EnableFlags& flags) const { return command_enable(flags, world); }
  int operator()(const DisableFlags& flags) const { return command_disable(flags, world); }
  int operator()(const RotateFlags& flags) const { return command_rotate(flags, world); }
  int operator()(const DeleteFlags& flags) const { return command_delete(flags, world); }
  int operator()(const VerifyFlags& flags) const { return command_verify(flags, world); }
  int operator()(const InspectFlags& flags) const { return command_inspect(flags, world); }
  int operator()(const ImportFlags& flags) const { return command_import(flags, world); }
  int operator()(const ExportFlags& flags) const { return command_export(flags, world); }
  int operator()(const MigrateFlags& flags) const { return command_migrate(flags, world); }
  int operator()(const RefreshCommandFlags& flags) const { return command_refresh(flags, world); }
  int operator()(const DoctorFlags& flags) const { return command_doctor(flags, world); }
  int operator()(const HealthFlags& flags) const { return command_health(flags, world); }
  int operator()(const Help& help) const {
    if (help.asked) {
      world.terminal.out(help.text);
    } else {
      world.terminal.err(help.text);
    }
    return help.asked ? kExitDone : kExitMisuse;
  }
};

/// A failure of any command; of `verify`, where failing means that the secret is refused, a code of its own.
int failure_of(int exit_code, bool verifies) {
  return verifies && exit_code == kExitFailed ? kExitCannotTell : exit_code;
}

int carry_out(const Invocation& invocation, Terminal& terminal) {
  // Help needs no configuration: it must work where that is broken.
  const bool help = std::holds_alternative<Help>(invocation);
  const bool verifies = std::holds_alternative<VerifyFlags>(invocation);
  const Result<ConfigFile> file = help ? ConfigFile() : read_config_file(process_environment());
  if (!file) return failure_of(report_bad_option(terminal, file.error()), verifies);
  const World world = {process_environment(), *file,           terminal,
                       system_clock(),        system_random(), [] { return fetch::make_http_client(); }};
  const int exit_code = std::visit(Dispatch{world}, invocation);
  const Result<> flushed = terminal.flush();
  if (flushed || exit_code != kExitDone) return exit_code;
  return failure_of(report_failure(terminal, flushed.error()), verifies);
}

int parse_and_carry_out(int argc, const char* const* argv, Terminal& terminal) {
  const size_t arguments_begin = argc > 0 ? 1 : 0;
  const auto invocation = parse_command_line(std::span(argv, static_cast<size_t>(argc)).subspan(arguments_begin));
  if (invocation) return carry_out(*invocation, terminal);
  const Misuse& misuse = invocation.error();
  report_error(terminal, misuse.message);
  terminal.err(fmt::format("Try '{}'.\n", misuse.help_command));
  return kExitMisuse;
}

}  // namespace

int run(int argc, const char* const* argv) {
  // Writing to a reader who has gone is an error like others, with a message, rather than a sudden end.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  allow_core_dumps(false);
  try {
    return parse_and_carry_out(argc, argv, process_terminal());
  } catch (const std::exception& exception) {
    const bool verifies = argc > 1 && std::string_view(argv[1]) == "verify";
    return failure_of(report_failure(process_terminal(), {ErrorCode::unavailable, exception.what()}), verifies);
  }
}

}  // namespace heare::app
