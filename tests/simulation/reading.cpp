#include "simulation/reading.h"

#include <algorithm>
#include <utility>

#include "keys/document.h"

namespace heare::simulation {
namespace {

/// What is stored first, around the records.
constexpr std::string_view kNewDocument = "{\n  \"secret_storage\": \"hashed\",\n  \"keys\": []\n}";

std::vector<std::string> members_of(std::string_view record, const std::vector<std::string_view>& except) {
  std::vector<std::string> members;
  json::Reader reader;
  const Result<json::Value> value = reader.read(record);
  std::string scratch;
  for (json::Value member = value->first(); member; member = member.next()) {
    const std::string_view name = member.name().text(scratch);
    if (std::ranges::find(except, name) != except.end()) continue;
    members.push_back(std::string(name) + "=" + std::string(member.raw()));
  }
  return members;
}

}  // namespace

std::string_view Reading::record(size_t position) const {
  return std::string_view(text).substr(records[position].begin, records[position].end - records[position].begin);
}

std::optional<size_t> Reading::find(std::string_view id) const {
  for (size_t position = records.size(); position > 0; --position) {
    if (records[position - 1].key.id == id) return position - 1;
  }
  return std::nullopt;
}

size_t Reading::count(std::string_view id) const {
  return static_cast<size_t>(
      std::ranges::count_if(records, [id](const RecordRead& read) { return read.key.id == id; }));
}

size_t Reading::end_before(size_t position) const {
  return position > 0 ? records[position - 1].end : text.find('[', text.find("\"keys\"")) + 1;
}

size_t Reading::begin_after(size_t position) const {
  if (position + 1 < records.size()) return records[position + 1].begin;
  return text.find(']', records.empty() ? end_before(0) : records.back().end);
}

Result<Reading> read_version(const Version& version, const keys::DocumentCipher& cipher) {
  Reading reading;
  reading.absent = !version.bytes;
  if (reading.absent) {
    reading.text = kNewDocument;
    return reading;
  }
  Result<keys::DocumentCipher::Opened> opened = cipher.open(*version.bytes);
  if (!opened) return std::unexpected(opened.error());
  const Result<keys::KeyDocument> document = keys::KeyDocument::parse(std::move(opened->json));
  if (!document) return std::unexpected(document.error());
  reading.text = document->json();
  document->for_each([&](json::Value, const keys::ApiKey& key) {
    const std::string_view record = document->record(reading.records.size());
    const auto begin = static_cast<size_t>(record.data() - document->json().data());
    reading.records.push_back({begin, begin + record.size(), key});
  });
  return reading;
}

bool same_but_for(std::string_view record, std::string_view other, const std::vector<std::string_view>& except) {
  return members_of(record, except) == members_of(other, except);
}

std::optional<std::string> text_member(std::string_view record, std::string_view name) {
  json::Reader reader;
  const Result<json::Value> value = reader.read(record);
  const json::Value member = value ? value->find(name) : json::Value();
  if (!member || !member.is_string()) return std::nullopt;
  std::string scratch;
  return std::string(member.text(scratch));
}

}  // namespace heare::simulation
