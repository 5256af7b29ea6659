#include "keys/verifier.h"

#include "base/text.h"
#include "crypto/sha256.h"

namespace heare::keys {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::expired:
      return "expired";
    case Refusal::disabled:
      return "disabled";
    case Refusal::not_found:
      break;
  }
  return "not_found";
}

void append_answer(std::string& out, const Decision& decision) {
  if (!decision.grant) {
    out += kRefusedJson;
    return;
  }
  const Grant& grant = *decision.grant;
  append(out, R"({"valid":true,"key_id":)", grant.id_json, R"(,"name":)", grant.name_json, R"(,"metadata":)",
         grant.metadata_json, grant.extra_json, "}");
}

Decision verify(const KeyIndex& index, std::string_view credential, WallTime now) {
  const std::optional<KeyIndex::Entry> entry = index.find(crypto::sha256(credential));
  if (!entry) return {std::nullopt, Refusal::not_found};
  if (!entry->enabled()) return {std::nullopt, Refusal::disabled};
  if (now > entry->expires_at()) return {std::nullopt, Refusal::expired};
  return {entry->grant(), {}};
}

}  // namespace heare::keys
