#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "s3/credentials_source.h"

namespace heare::s3 {

using namespace std::chrono_literals;

/// Credentials that end within this time are renewed: time for many tries before they are needed.
inline constexpr auto kRenewalAhead = 5min;
/// While renewal fails, or brings nothing that lasts longer, it is tried no more often than this.
inline constexpr auto kRenewalPause = 10s;
/// Credentials without an end are read again after this time: whoever rewrites a file that holds temporary ones does
/// not tell us.
inline constexpr auto kLastingCredentialsReread = 1min;

/// Walks `sources` in their order; the first that has credentials is the source from then on. `clock` must outlive the
/// result.
std::unique_ptr<CredentialsProvider> make_renewing_provider(std::vector<std::unique_ptr<CredentialsSource>> sources,
                                                            const Clock& clock);

}  // namespace heare::s3
