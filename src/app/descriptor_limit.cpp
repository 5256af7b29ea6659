#include "app/descriptor_limit.h"

#include <algorithm>
#include <limits>
#include <sys/resource.h>
#include <utility>

#include <fmt/format.h>

#include "app/report.h"

namespace heare::app {

size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<size_t>::max();
  const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

Result<> bound_connections(ServeConfig& config, size_t descriptors, Terminal& terminal) {
  // Three of each event loop's; the log, the signals, what listens.
  constexpr size_t kOfAThread = 4;
  constexpr size_t kOwn = 24;
  // The store with its connections, the cache, as many scrapers as there are places for.
  constexpr size_t kSpare = 112;
  const size_t certain = kOwn + kOfAThread * config.server.threads;
  const size_t rest = descriptors > certain ? descriptors - certain : 0;
  const size_t left = rest - std::min(kSpare, (rest + 1) / 2);
  if (left == 0) {
    return fail(ErrorCode::unavailable,
                "this process may open {} files, too few for {} threads; raise that limit (ulimit -n, or LimitNOFILE= "
                "of a systemd unit)",
                descriptors, config.server.threads);
  }
  if (config.server.connections_max <= left) return {};
  warn(terminal, fmt::format("--max-connections: {} instead of {}, as this process may open {} files; raise that limit "
                             "(ulimit -n, or LimitNOFILE= of a systemd unit)",
                             left, config.server.connections_max, descriptors));
  config.server.connections_max = left;
  return {};
}

}  // namespace heare::app
