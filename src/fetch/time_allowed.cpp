#include "fetch/time_allowed.h"

namespace heare::fetch {

std::chrono::milliseconds time_allowed(const Request& request, uint64_t body_bytes) {
  if (request.answer_bytes_per_second == 0) return request.timeout;
  return request.timeout + std::chrono::milliseconds(body_bytes * 1000 / request.answer_bytes_per_second);
}

}  // namespace heare::fetch
