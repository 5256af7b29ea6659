#include "simulation/simulated_object.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/sha256.h"

namespace heare::simulation {

Result<bool> SimulatedObject::holds(const storage::Precondition& precondition) const {
  const Version& now = versions_.back();
  if (std::holds_alternative<storage::Unconditional>(precondition)) return true;
  if (std::holds_alternative<storage::IfAbsent>(precondition)) return !now.bytes;
  if (!now.bytes) return fail(ErrorCode::not_found, "simulated: the object has vanished");
  return std::get<storage::IfMatch>(precondition).tag == now.tag;
}

Result<storage::PutOutcome> SimulatedObject::write(std::string bytes, const storage::Precondition& precondition,
                                                   Author author) {
  if (options_.broken != Break::ignores_conditions) {
    const Result<bool> held = holds(precondition);
    if (!held) return std::unexpected(held.error());
    if (!*held) return storage::Conflict();
  }
  storage::EntityTag tag = tag_for(bytes);
  if (options_.broken == Break::forgets_writes && versions_.size() % 5 == 0) return storage::Stored{std::move(tag)};
  versions_.push_back({std::move(bytes), tag, author, scheduler_.now()});
  return storage::Stored{std::move(tag)};
}

void SimulatedObject::remove() {
  if (versions_.back().bytes) versions_.push_back({std::nullopt, {}, {}, scheduler_.now()});
}

storage::EntityTag SimulatedObject::tag_for(std::string_view bytes) const {
  if (options_.tags_name_content) return {to_hex(crypto::sha256(bytes))};
  return {fmt::format("version {}", versions_.size())};
}

}  // namespace heare::simulation
