#include "app/service_manager.h"

#include <cstddef>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "storage/posix_file.h"

namespace heare::app {

void notify_service_manager(const Environment& environment, std::string_view state) {
  const std::optional<std::string> path = environment.get("NOTIFY_SOCKET");
  sockaddr_un address = {};
  if (!path || path->size() >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  path->copy(address.sun_path, path->size());
  // An abstract name begins with a zero byte, for which the variable has an @.
  if (path->front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  const storage::FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // A raw C interface: every socket address is passed as the general one.
  (void)::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                 size);
}

}  // namespace heare::app
