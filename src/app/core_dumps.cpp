#include "app/core_dumps.h"

#include <sys/prctl.h>

namespace heare::app {

void allow_core_dumps(bool allowed) {
  // Cannot fail with these values.
  static_cast<void>(::prctl(PR_SET_DUMPABLE, allowed ? 1 : 0, 0, 0, 0));
}

}  // namespace heare::app
