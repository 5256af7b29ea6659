#include "app/key_selection.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace heare::app {
namespace {

const WallTime kNow = parse_iso8601("2026-01-20T10:30:00Z").value();

constexpr const char* kDocument = R"({"keys": [
  {"id": "key_c", "secret": "1", "name": "beta", "created_at": "2026-01-03", "expires_at": "2026-01-27T10:30:00Z"},
  {"id": "key_a", "secret": "2", "name": "Alpha", "created_at": "2026-01-02T00:00:00+02:00", "owner": "Team A"},
  {"id": "key_d", "secret": "3", "name": "BRÜCKE", "created_at": "whenever", "expires_at": "2026-01-20T10:29:59Z"},
  {"id": "key_b", "secret": "4", "name": "alpha", "created_at": "2026-01-02", "expires_at": "2026-01-20T10:30:00Z",
   "owner": "team a"}
]})";

std::string shown(const ListFlags& flags) {
  const Result<KeySelection> selection = resolve_selection(flags, kNow);
  if (!selection) return selection.error().message;
  std::string ids;
  for_each_selected(keys::KeyDocument::parse(kDocument).value(), *selection, kNow,
                    [&](json::Value record, const keys::ApiKey& key) {
                      std::string scratch;
                      EXPECT_EQ(record.find("id").text(scratch), key.id);
                      ids += key.id.back();
                    });
  return ids;
}

TEST(KeySelection, WithoutFlagsItIsTheDocument) {
  EXPECT_EQ(shown({}), "cadb");
}

TEST(KeySelection, NamesAreSortedWhateverTheirCaseAndEqualOnesStay) {
  EXPECT_EQ(shown({.sort = "name"}), "abcd");
}

TEST(KeySelection, IdsAreSortedByTheirBytes) {
  EXPECT_EQ(shown({.sort = "id"}), "abcd");
}

TEST(KeySelection, DatesAreSortedFromTheEarliestAndThoseThatCannotBeReadAreLast) {
  EXPECT_EQ(shown({.sort = "created"}), "abcd");
}

TEST(KeySelection, WhatExpiresNeverIsLast) {
  EXPECT_EQ(shown({.sort = "expires"}), "dbca");
}

TEST(KeySelection, AnUnknownOrderIsAnError) {
  EXPECT_EQ(shown({.sort = "size"}), "--sort: not name, created, expires or id (size)");
  EXPECT_EQ(shown({.sort = ""}), "--sort: not name, created, expires or id ()");
}

TEST(KeySelection, AnOwnerIsMeantExactly) {
  EXPECT_EQ(shown({.owner = "team a"}), "b");
  EXPECT_EQ(shown({.owner = "team"}), "");
}

TEST(KeySelection, NoOwnerIsAnOwnerToo) {
  EXPECT_EQ(shown({.owner = ""}), "cd");
}

TEST(KeySelection, AKeyIsExpiredOnlyAfterItsLastMoment) {
  EXPECT_EQ(shown({.expired = true}), "d");
}

TEST(KeySelection, WhatIsToExpireHasNotExpired) {
  EXPECT_EQ(shown({.expiring_within = "7d"}), "cb");
  EXPECT_EQ(shown({.expiring_within = "167h"}), "b");
  EXPECT_EQ(shown({.expiring_within = "0"}), "b");
}

TEST(KeySelection, ABadDurationIsAnError) {
  EXPECT_EQ(shown({.expiring_within = "soon"}),
            "--expiring-within: not a duration of at most 100 years (soon), for example 500ms, 10s, 5m, 24h or 7d");
}

TEST(KeySelection, ATextIsFoundInNameAndIdWhateverItsCase) {
  EXPECT_EQ(shown({.match = "ALPHA"}), "ab");
  EXPECT_EQ(shown({.match = "brücke"}), "d");
  EXPECT_EQ(shown({.match = "KEY_C"}), "c");
  EXPECT_EQ(shown({.match = ""}), "cadb");
}

TEST(KeySelection, AllFiltersMustHold) {
  EXPECT_EQ(shown({.owner = "team a", .match = "alpha"}), "b");
  EXPECT_EQ(shown({.owner = "team a", .expired = true}), "");
  EXPECT_EQ(shown({.sort = "expires", .owner = "", .match = "key"}), "dc");
}

}  // namespace
}  // namespace heare::app
