#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "keys/key_index.h"

namespace heare::keys {

enum class Refusal { not_found, expired, disabled };

/// `not_found`, `expired` or `disabled`.
std::string_view to_string(Refusal refusal);

/// Whether a credential is good, and whose it is.
struct Decision {
  /// Set where it is good.
  std::optional<Grant> grant;
  /// Why it is not, where `grant` is not set.
  Refusal refusal = Refusal::not_found;
};

/// What a key that is not good is answered with, whatever the reason.
inline constexpr std::string_view kRefusedJson = R"({"valid":false,"error":"Invalid API key"})";

/// Appends the answer of `/verify` (JSON).
void append_answer(std::string& out, const Decision& decision);

/// Looks `credential` up in `index`: good while its key is enabled and `now <= expires_at`. Never fails, never
/// allocates in the steady state; safe from any number of threads.
Decision verify(const KeyIndex& index, std::string_view credential, WallTime now);

}  // namespace heare::keys
