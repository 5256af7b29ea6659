#include "app/doctor.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <thread>
#include <variant>

#include <fmt/format.h>

#include "base/encoding.h"
#include "keys/document.h"

namespace heare::app {
namespace {

using storage::EntityTag;
using storage::PutOutcome;

constexpr size_t kRacers = 8;
constexpr size_t kSuffixRandomBytes = 8;
/// S3 refuses requests whose time is further off than 15 minutes.
constexpr std::chrono::seconds kClockOffsetMax{15 * 60};
/// A clock that is right shows no more than a request takes.
constexpr std::chrono::seconds kClockOffsetNormal{5};

Check check(std::string name, Check::Status status, std::string detail) {
  return {std::move(name), status, std::move(detail)};
}

Check check_clock(std::chrono::seconds offset) {
  const std::string name = "clock";
  const auto distance = std::chrono::abs(offset);
  if (distance <= kClockOffsetNormal) return check(name, Check::Status::ok, "agrees with the store's");
  const std::string found =
      fmt::format("{} s {} the store's", distance.count(), offset.count() > 0 ? "behind" : "ahead of");
  if (distance < kClockOffsetMax) {
    return check(name, Check::Status::unproved, found + "; S3 allows 900: set it by NTP");
  }
  return check(name, Check::Status::failed,
               found + ": every first request is refused (RequestTimeTooSkewed); set it by NTP");
}

// --- Conditional writes ---

/// What speaks against the store, or why it could not be asked.
struct Finding {
  Check::Status status;
  std::string detail;
};

Finding could_not_ask(const storage::ObjectStore& store, const Error& error) {
  if (error.code == ErrorCode::invalid) return {Check::Status::failed, error.message};
  // A policy is S3's; of a file the error says it all.
  if (error.code == ErrorCode::unauthorized && !store.url().starts_with("file://")) {
    return {Check::Status::unproved,
            error.message + "; to have it proved, allow Get, Put and DeleteObject on <key>.doctor-*"};
  }
  return {Check::Status::unproved, error.message};
}

/// A write whose condition holds: the tag of what it has written.
std::expected<EntityTag, Finding> write(storage::ObjectStore& store, std::string_view bytes,
                                        const storage::Precondition& precondition) {
  const Result<PutOutcome> put = store.put({bytes, "text/plain"}, precondition);
  if (!put) return std::unexpected(could_not_ask(store, put.error()));
  if (const auto* const stored = std::get_if<storage::Stored>(&*put)) return stored->tag;
  return std::unexpected(Finding{Check::Status::failed, "a write on a condition that holds was refused"});
}

/// A write whose condition does not hold: a finding where the store does anything but refuse it.
std::optional<Finding> write_in_vain(storage::ObjectStore& store, const storage::Precondition& precondition,
                                     std::string_view condition) {
  const Result<PutOutcome> put = store.put({"in vain", "text/plain"}, precondition);
  if (!put) return could_not_ask(store, put.error());
  if (std::holds_alternative<storage::Conflict>(*put)) return std::nullopt;
  return Finding{Check::Status::failed,
                 fmt::format("the store ignores {}: two writers at once lose keys; use another store, or never run "
                             "two commands at the same time",
                             condition)};
}

std::optional<Finding> race(const storage::ObjectStore& store,
                            const std::function<Result<ComposedStore>()>& open_sibling, const EntityTag& tag) {
  std::array<Result<PutOutcome>, kRacers> outcomes;
  {
    std::vector<std::jthread> racers;
    racers.reserve(kRacers);
    for (size_t number = 0; number < kRacers; ++number) {
      racers.emplace_back([&open_sibling, &tag, number, &outcome = outcomes[number]] {
        Result<ComposedStore> sibling = open_sibling();
        if (!sibling) {
          outcome = std::unexpected(sibling.error());
          return;
        }
        const std::string bytes = fmt::format("racer {}", number);
        outcome = sibling->store->put({bytes, "text/plain"}, storage::IfMatch{tag});
      });
    }
  }
  const auto won = [](const Result<PutOutcome>& outcome) {
    return outcome && std::holds_alternative<storage::Stored>(*outcome);
  };
  const auto winners = std::ranges::count_if(outcomes, won);
  if (winners > 1) {
    return Finding{Check::Status::failed,
                   fmt::format("{} of {} racing writers won: the store checks and writes in two steps, and two writers "
                               "at once lose keys; use another store, or never run two commands at the same time",
                               winners, kRacers)};
  }
  for (const Result<PutOutcome>& outcome : outcomes) {
    if (!outcome) return could_not_ask(store, outcome.error());
  }
  if (winners == 0) return Finding{Check::Status::unproved, "none of the racing writers won"};
  return std::nullopt;
}

/// Nothing where all is proved.
std::optional<Finding> probe(storage::ObjectStore& store, const std::function<Result<ComposedStore>()>& open_sibling) {
  const auto first = write(store, "first", storage::IfAbsent());
  if (!first) return first.error();
  if (auto finding = write_in_vain(store, storage::IfAbsent(), "If-None-Match")) return finding;
  const auto second = write(store, "second", storage::IfMatch{*first});
  if (!second) return second.error();
  if (auto finding = write_in_vain(store, storage::IfMatch{*first}, "If-Match")) return finding;
  return race(store, open_sibling, *second);
}

}  // namespace

std::string_view to_string(Check::Status status) {
  switch (status) {
    case Check::Status::ok:
      return "ok";
    case Check::Status::failed:
      return "failed";
    case Check::Status::unproved:
      break;
  }
  return "unproved";
}

std::vector<Check> check_access(S3Access& s3) {
  std::vector<Check> checks;
  const Result<s3::Credentials> credentials = s3.credentials->get();
  if (!credentials) return {check("credentials", Check::Status::failed, credentials.error().message)};
  checks.push_back(check("credentials", Check::Status::ok, "from " + s3.credentials->source()));
  // Any answer tells the region and the time, a refusal too.
  storage::StringSink sink;
  const Result<storage::GetOutcome> got = s3.store->get(std::nullopt, sink);
  if (!got && got.error().code == ErrorCode::unavailable) {
    checks.push_back(check("endpoint", Check::Status::failed, got.error().message));
    return checks;
  }
  checks.push_back(check("endpoint", Check::Status::ok, s3.endpoint));
  const s3::S3Facts facts = s3.store->facts();
  if (facts.learnt_region) {
    checks.push_back(check("region", Check::Status::unproved,
                           fmt::format("the bucket is in {}, not in {}: set --region to spare a request",
                                       *facts.learnt_region, s3.region)));
  } else {
    checks.push_back(check("region", Check::Status::ok, s3.region));
  }
  checks.push_back(check_clock(facts.clock_offset));
  return checks;
}

std::vector<Check> check_document(storage::ObjectStore& store, const keys::DocumentCipher& cipher) {
  storage::StringSink sink;
  const Result<storage::GetOutcome> got = store.get(std::nullopt, sink);
  if (!got) return {check("document", Check::Status::failed, got.error().message)};
  if (std::holds_alternative<storage::Absent>(*got)) {
    return {check("document", Check::Status::unproved,
                  fmt::format("{} does not exist yet; the first `heare-auth create` makes it", store.url()))};
  }
  std::vector<Check> checks;
  checks.push_back(check("document", Check::Status::ok, fmt::format("{}, {} bytes", store.url(), sink.bytes.size())));

  const bool encrypted = sink.bytes.starts_with(keys::kEncryptedHeader);
  Result<keys::DocumentCipher::Opened> opened = cipher.open(std::move(sink.bytes));
  if (!opened) {
    checks.push_back(check("decryption", Check::Status::failed,
                           opened.error().message + "; set STORAGE_SECRET to the secret that it was written with"));
    return checks;
  }
  checks.push_back(check("decryption", Check::Status::ok, encrypted ? "decrypted" : "the document is not encrypted"));
  const Result<keys::KeyDocument> document = keys::KeyDocument::parse(std::move(opened->json));
  if (document) {
    checks.push_back(check("keys", Check::Status::ok, fmt::format("{} records", document->record_count())));
  } else {
    checks.push_back(check("keys", Check::Status::failed, document.error().message));
  }
  return checks;
}

Check check_conditional_writes(const std::function<Result<ComposedStore>()>& open_sibling) {
  const std::string name = "conditional writes";
  Result<ComposedStore> sibling = open_sibling();
  if (!sibling) return check(name, Check::Status::failed, sibling.error().message);
  std::optional<Finding> finding = probe(*sibling->store, open_sibling);
  if (const Result<> removed = sibling->store->remove(); !removed && !finding) {
    finding = Finding{Check::Status::unproved, fmt::format("proved, but {} could not be removed: {}",
                                                           sibling->store->url(), removed.error().message)};
  }
  if (finding) return check(name, finding->status, finding->detail);
  return check(name, Check::Status::ok,
               fmt::format("a stale write is refused, and one of {} racing writers wins", kRacers));
}

std::string sibling_suffix(Random& random) {
  std::array<std::byte, kSuffixRandomBytes> bytes{};
  random.fill(bytes);
  return ".doctor-" + to_hex(bytes);
}

}  // namespace heare::app
