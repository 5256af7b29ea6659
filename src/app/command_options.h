#pragma once

#include "app/flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

/// Declares the options of each command, in the order in which its help tells them, with the flags that they fill.
namespace heare::app {

/// The type of an option that may be given more than once, and by which it is told from the others.
inline constexpr const char* kListTypeName = "SCOPE";

void declare(CLI::App& app, ServeFlags& flags);
void declare(CLI::App& app, CreateFlags& flags);
void declare(CLI::App& app, ListFlags& flags);
void declare(CLI::App& app, ShowFlags& flags);
void declare(CLI::App& app, UpdateFlags& flags);
void declare(CLI::App& app, EnableFlags& flags);
void declare(CLI::App& app, DisableFlags& flags);
void declare(CLI::App& app, RotateFlags& flags);
void declare(CLI::App& app, DeleteFlags& flags);
void declare(CLI::App& app, VerifyFlags& flags);
void declare(CLI::App& app, InspectFlags& flags);
void declare(CLI::App& app, ImportFlags& flags);
void declare(CLI::App& app, ExportFlags& flags);
void declare(CLI::App& app, MigrateFlags& flags);
void declare(CLI::App& app, RefreshCommandFlags& flags);
void declare(CLI::App& app, HealthFlags& flags);
void declare(CLI::App& app, DoctorFlags& flags);

}  // namespace heare::app
