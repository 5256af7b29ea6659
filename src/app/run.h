#pragma once

namespace heare::app {

/// The whole program: reads the command line and the environment, carries out one command, and returns the exit code,
/// one of those in app/report.h. An exception that gets as far as here is reported like an error.
int run(int argc, const char* const* argv);

}  // namespace heare::app
