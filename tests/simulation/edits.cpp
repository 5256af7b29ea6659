#include "simulation/edits.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time_format.h"
#include "crypto/sha256.h"
#include "json/reader.h"
#include "keys/edits.h"
#include "keys/import.h"
#include "keys/record_fields.h"
#include "keys/rotation.h"

namespace heare::simulation {
namespace {

using keys::KeyDocument;
using keys::KeyRepository;

void look_away(const KeyDocument&, size_t) {}

/// Everything before the end of the record at `position` is the same, but for what `position` itself may be.
bool same_text_before(const Reading& before, const Reading& after, size_t position) {
  const size_t end = before.end_before(position);
  return std::string_view(before.text).substr(0, end) == std::string_view(after.text).substr(0, end);
}

bool same_text_after(const Reading& before, size_t position, const Reading& after, size_t position_after) {
  return std::string_view(before.text).substr(before.begin_after(position)) ==
         std::string_view(after.text).substr(after.begin_after(position_after));
}

/// `after` has `count` more records at its end, and else nothing is different.
bool is_appended(const Reading& before, const Reading& after, size_t count) {
  const size_t old = before.records.size();
  if (after.records.size() != old + count || !same_text_before(before, after, old)) return false;
  const std::string_view tail = std::string_view(before.text).substr(before.text.find(']', before.end_before(old)));
  return std::string_view(after.text).substr(after.begin_after(old + count - 1)) == tail;
}

/// One record is another one, and else nothing is different.
bool is_replaced(const Reading& before, const Reading& after, size_t position) {
  std::string expected = before.text;
  const RecordRead& old = before.records[position];
  expected.replace(old.begin, old.end - old.begin, after.record(position));
  return before.records.size() == after.records.size() && expected == after.text;
}

class Create final : public Edit {
 public:
  explicit Create(Label label) : label_(std::move(label)) {}

  std::string name() const override { return "create " + label_.id; }

  Result<> run(KeyRepository& repository, WallTime now, Random&) override {
    keys::NewKey key;
    key.id = label_.id;
    key.name = label_.unique;
    key.secret = Secret("sec_" + label_.unique);
    key.created_at = format_utc(now);
    return keys::create_key(repository, key, std::nullopt, look_away);
  }

  bool is_made(const Reading& document) const override { return document.find(label_.id).has_value(); }

  bool is_step(const Reading& before, const Reading& after) const override {
    if (!is_appended(before, after, 1)) return false;
    const keys::ApiKey& key = after.records.back().key;
    return key.id == label_.id && key.name == label_.unique && key.digest == crypto::sha256("sec_" + label_.unique);
  }

 private:
  const Label label_;
};

class Delete final : public Edit {
 public:
  explicit Delete(Label label) : label_(std::move(label)) {}

  std::string name() const override { return "delete " + label_.id; }

  Result<> run(KeyRepository& repository, WallTime, Random&) override {
    return keys::delete_key(repository, label_.id);
  }

  bool is_made(const Reading& document) const override { return !document.find(label_.id); }

  bool is_step(const Reading& before, const Reading& after) const override {
    const std::optional<size_t> position = before.find(label_.id);
    if (!position || before.count(label_.id) != 1 || after.records.size() + 1 != before.records.size()) return false;
    for (size_t other = 0; other < after.records.size(); ++other) {
      if (after.record(other) != before.record(other < *position ? other : other + 1)) return false;
    }
    if (after.records.empty()) return true;
    return *position == after.records.size() ? same_text_before(before, after, *position)
                                             : same_text_after(before, *position, after, *position - 1);
  }

  bool may_be_made_by_others() const override { return true; }

 private:
  const Label label_;
};

/// update, enable and disable.
class Change final : public Edit {
 public:
  Change(Label label, std::string verb, std::vector<keys::FieldChange> fields)
      : label_(std::move(label)), verb_(std::move(verb)), fields_(std::move(fields)) {}

  std::string name() const override { return verb_ + " " + label_.id; }

  Result<> run(KeyRepository& repository, WallTime now, Random&) override {
    moment_ = format_utc(now);
    return keys::change_key(repository, label_.id, fields_, now, look_away);
  }

  bool is_made(const Reading& document) const override {
    const std::optional<size_t> position = document.find(label_.id);
    return position && was_made(document.record(*position));
  }

  bool is_step(const Reading& before, const Reading& after) const override {
    const std::optional<size_t> position = before.find(label_.id);
    if (!position || !is_replaced(before, after, *position) || !was_made(after.record(*position))) return false;
    std::vector<std::string_view> names = {"updated_at"};
    json::Reader reader;
    const json::Value record = *reader.read(after.record(*position));
    for (const keys::FieldChange& field : fields_) {
      names.push_back(field.name);
      if (record.find(field.name).raw() != field.value_json.value_or("")) return false;
    }
    return same_but_for(before.record(*position), after.record(*position), names);
  }

 private:
  bool was_made(std::string_view record) const { return text_member(record, "updated_at") == moment_; }

  const Label label_;
  const std::string verb_;
  const std::vector<keys::FieldChange> fields_;
  std::string moment_;
};

class Rotate final : public Edit {
 public:
  Rotate(Label label, bool with_grace) : label_(std::move(label)), with_grace_(with_grace) {}

  std::string name() const override { return (with_grace_ ? "rotate with a grace " : "rotate ") + label_.id; }

  Result<> run(KeyRepository& repository, WallTime now, Random&) override {
    const std::chrono::hours grace(with_grace_ ? 1 : 0);
    const keys::Rotation rotation = {Secret("sec_" + label_.unique), std::nullopt, now, grace};
    return keys::rotate_key(repository, label_.id, rotation, [](const KeyDocument&, size_t, const keys::Rotated&) {});
  }

  bool is_made(const Reading& document) const override {
    const std::optional<size_t> position = document.find(label_.id);
    if (!position) return false;
    const keys::ApiKey& key = document.records[*position].key;
    return key.digest == digest_ || was_digest(key, digest_);
  }

  bool is_step(const Reading& before, const Reading& after) const override {
    const std::optional<size_t> position = before.find(label_.id);
    if (!position || !is_replaced(before, after, *position)) return false;
    const keys::ApiKey& old = before.records[*position].key;
    const keys::ApiKey& key = after.records[*position].key;
    if (key.digest != digest_ || was_digest(key, old.digest) != with_grace_) return false;
    return same_but_for(before.record(*position), after.record(*position),
                        {"secret", "secret_sha256", "previous", "updated_at"});
  }

 private:
  static bool was_digest(const keys::ApiKey& key, const crypto::Sha256Digest& digest) {
    return std::ranges::find(key.previous, digest, &keys::PreviousSecret::digest) != key.previous.end();
  }

  const Label label_;
  const bool with_grace_;
  const crypto::Sha256Digest digest_ = crypto::sha256("sec_" + label_.unique);
};

class ImportKeys final : public Edit {
 public:
  ImportKeys(Label label, size_t count) : label_(std::move(label)), count_(count) {}

  std::string name() const override { return fmt::format("import {} of {}", count_, label_.id); }

  Result<> run(KeyRepository& repository, WallTime now, Random& random) override {
    std::string lines;
    for (size_t number = 0; number < count_; ++number) {
      lines += fmt::format("{{\"id\": \"{}\", \"secret\": \"sec_{}.{}\", \"extra\": 1.50}}\n", id(number),
                           label_.unique, number);
    }
    const Result<keys::Import> import = keys::Import::read(lines, now, random);
    if (!import) return std::unexpected(import.error());
    return repository.edit(
        [&](KeyDocument& document, bool in_doubt) { return import->add_to(document, std::nullopt, in_doubt); });
  }

  bool is_made(const Reading& document) const override {
    for (size_t number = 0; number < count_; ++number) {
      if (document.find(id(number))) return true;
    }
    return false;
  }

  bool is_step(const Reading& before, const Reading& after) const override {
    if (!is_appended(before, after, count_)) return false;
    for (size_t number = 0; number < count_; ++number) {
      const size_t position = before.records.size() + number;
      if (after.records[position].key.id != id(number)) return false;
      if (after.record(position).find("1.50") == std::string_view::npos) return false;
    }
    return true;
  }

 private:
  std::string id(size_t number) const { return fmt::format("{}.{}", label_.id, number); }

  const Label label_;
  const size_t count_;
};

}  // namespace

std::unique_ptr<Edit> make_create(Label label) {
  return std::make_unique<Create>(std::move(label));
}

std::unique_ptr<Edit> make_delete(Label label) {
  return std::make_unique<Delete>(std::move(label));
}

std::unique_ptr<Edit> make_update(Label label) {
  std::vector<keys::FieldChange> fields = {{"name", keys::string_json(label.unique)}};
  return std::make_unique<Change>(std::move(label), "update", std::move(fields));
}

std::unique_ptr<Edit> make_switch(Label label, bool enabled) {
  return std::make_unique<Change>(std::move(label), enabled ? "enable" : "disable",
                                  std::vector<keys::FieldChange>{{"enabled", enabled ? "true" : "false"}});
}

std::unique_ptr<Edit> make_rotate(Label label, bool with_grace) {
  return std::make_unique<Rotate>(std::move(label), with_grace);
}

std::unique_ptr<Edit> make_import(Label label, size_t count) {
  return std::make_unique<ImportKeys>(std::move(label), count);
}

}  // namespace heare::simulation
