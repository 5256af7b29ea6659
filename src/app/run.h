#pragma once

namespace heare::app {

/// The whole program: reads the command line and the environment, carries out one command, and returns the exit code
/// (0 done, 1 failed, 2 wrong usage, 3 unknown outcome). The one place that catches exceptions.
int run(int argc, const char* const* argv);

}  // namespace heare::app
