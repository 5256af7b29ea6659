#include "keys/edits.h"

#include <fmt/format.h>

#include "base/time_format.h"
#include "json/reader.h"
#include "keys/record_fields.h"

namespace heare::keys {
namespace {

bool was_updated_at(std::string_view record, const std::string& time) {
  json::Reader reader;
  std::string scratch;
  return reader.read(record)->find("updated_at").text(scratch) == time;
}

}  // namespace

Result<> create_key(KeyRepository& repository, const NewKey& key, const std::optional<SecretStorage>& storage,
                    const Look& look) {
  return repository.edit([&](KeyDocument& document, bool) -> Result<bool> {
    const bool present = document.find(key.id).has_value();
    if (!present) {
      const Result<> appended = document.append({&key, 1}, storage.value_or(document.secret_storage()));
      if (!appended) return std::unexpected(appended.error());
    }
    look(document, *document.find(key.id));
    return !present;
  });
}

Result<> delete_key(KeyRepository& repository, const std::string& id) {
  bool seen = false;
  return repository.edit([&](KeyDocument& document, bool) -> Result<bool> {
    const Result<size_t> erased = document.erase(id);
    if (!erased) return std::unexpected(erased.error());
    // Gone at a later try: by this edit or by another's, which comes to the same.
    if (*erased == 0 && !seen) return std::unexpected(no_such_key(id, repository.url()));
    seen = true;
    return *erased > 0;
  });
}

Result<> change_key(KeyRepository& repository, const std::string& id, std::vector<FieldChange> fields, WallTime now,
                    const Look& look) {
  const std::string time = format_utc(now);
  fields.push_back({"updated_at", string_json(time)});
  return repository.edit([&](KeyDocument& document, bool in_doubt) -> Result<bool> {
    const std::optional<size_t> position = document.find(id);
    if (!position) return std::unexpected(no_such_key(id, repository.url()));
    const bool made_already = in_doubt && was_updated_at(document.record(*position), time);
    if (!made_already) {
      if (const Result<> set = document.set_fields(*position, fields); !set) return std::unexpected(set.error());
    }
    look(document, *position);
    return !made_already;
  });
}

Result<> rotate_key(KeyRepository& repository, const std::string& id, const Rotation& rotation,
                    const RotationLook& look) {
  return repository.edit([&](KeyDocument& document, bool) -> Result<bool> {
    const std::optional<size_t> position = document.find(id);
    if (!position) return std::unexpected(no_such_key(id, repository.url()));
    const Result<Rotated> rotated = rotate(document, *position, rotation);
    if (!rotated) return std::unexpected(rotated.error());
    look(document, *position, *rotated);
    return rotated->changed;
  });
}

Error no_such_key(const std::string& id, const std::string& store_url) {
  return {ErrorCode::not_found, fmt::format("{}: no API key with the id '{}'", store_url, id)};
}

}  // namespace heare::keys
