#pragma once

#include <chrono>
#include <cstdint>

#include "fetch/http_client.h"

namespace heare::fetch {

/// How long `request` may take in all, now that so much of its answer's body has come.
std::chrono::milliseconds time_allowed(const Request& request, uint64_t body_bytes);

}  // namespace heare::fetch
