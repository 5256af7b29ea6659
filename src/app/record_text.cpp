#include "app/record_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "app/colour.h"
#include "app/terminal.h"
#include "base/time_format.h"
#include "json/writer.h"

namespace heare::app {
namespace {

constexpr std::string_view kNever = "Never";
/// What the Python tool takes for a type that is not given.
constexpr std::string_view kDefaultType = "shared_secret";

std::string plain_text(json::Value value) {
  std::string scratch;
  if (value.is_string()) return printable(value.text(scratch));
  std::string compact;
  json::append_compact(compact, value);
  return printable(compact);
}

std::string text_or(json::Value record, std::string_view field, std::string_view otherwise) {
  const json::Value value = record.find(field);
  return !value || value.is_null() ? std::string(otherwise) : plain_text(value);
}

/// As the record has it, or `Never` where it has none.
std::string date_text(json::Value record, std::string_view field) {
  return text_or(record, field, kNever);
}

std::string_view status_of(const keys::ApiKey& key, WallTime now) {
  if (!key.enabled) return "disabled";
  return keys::has_expired(key, now) ? "expired" : "active";
}

/// The fields that `key_details` names itself, or must not show.
bool is_told(std::string_view name) {
  constexpr std::string_view kTold[] = {"id",         "name",  "secret_type", "enabled",  "created_at", "updated_at",
                                        "expires_at", "owner", "metadata",    "previous", "scopes"};
  return keys::is_secret_field(name) || std::ranges::find(kTold, name) != std::end(kTold);
}

void append_detail(std::string& out, std::string_view label, std::string_view value) {
  out += fmt::format("  {:<13}{}\n", fmt::format("{}:", label), value);
}

/// Fields that this program does not know: somebody has put them there.
void append_unknown_fields(std::string& out, json::Value record) {
  std::string scratch;
  for (json::Value member = record.first(); member; member = member.next()) {
    const std::string name(member.name().text(scratch));
    const bool is_last_of_name = record.find(name).raw().data() == member.raw().data();
    if (is_last_of_name && !is_told(name)) append_detail(out, printable(name), plain_text(member));
  }
}

}  // namespace

KeyRow key_row(json::Value record, const keys::ApiKey& key, WallTime now) {
  return {printable(key.name), printable(key.id), text_or(record, "secret_type", kDefaultType),
          date_text(record, "created_at"), std::string(status_of(key, now))};
}

std::string key_details(json::Value record, const keys::ApiKey& key, WallTime now, bool colours) {
  std::string out;
  append_detail(out, "ID", printable(key.id));
  append_detail(out, "Name", text_or(record, "name", ""));
  append_detail(out, "Secret Type", text_or(record, "secret_type", kDefaultType));
  const std::string_view status = status_of(key, now);
  append_detail(out, "Status", in_colour(status, colours ? colour_of_status(status) : Colour::none));
  append_detail(out, "Created", date_text(record, "created_at"));
  append_detail(out, "Updated", date_text(record, "updated_at"));
  append_detail(out, "Expires", date_text(record, "expires_at"));
  // Of a wrong type they count as none, which is what somebody may be looking for.
  if (!record.find("owner").is_null()) append_detail(out, "Owner", text_or(record, "owner", ""));
  if (!key.scopes.empty()) {
    append_detail(out, "Scopes", fmt::format("{}", fmt::join(key.scopes, " ")));
  } else if (std::ranges::find(key.doubtful, "scopes") != key.doubtful.end()) {
    append_detail(out, "Scopes", text_or(record, "scopes", ""));
  }
  for (const keys::PreviousSecret& previous : key.previous) {
    const WallTime end = keys::good_until(previous, key);
    append_detail(out, "Old secret", fmt::format("{} {}", now > end ? "refused since" : "good until", format_utc(end)));
  }
  append_detail(out, "Metadata", text_or(record, "metadata", "{}"));
  append_unknown_fields(out, record);
  return out;
}

}  // namespace heare::app
