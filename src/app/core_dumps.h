#pragma once

namespace heare::app {

/// Whether a crash may leave a core dump, and a debugger of the same user may attach: either shows every secret in
/// memory (prctl(2), PR_SET_DUMPABLE).
void allow_core_dumps(bool allowed);

}  // namespace heare::app
