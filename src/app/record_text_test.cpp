#include "app/record_text.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace heare::app {
namespace {

const WallTime kNow = parse_iso8601("2026-01-20T10:30:00Z").value();

KeyRow row_of(std::string_view record) {
  json::Reader reader;
  const json::Value value = reader.read(record).value();
  keys::ApiKey key;
  EXPECT_TRUE(keys::RecordReader().read(value, key));
  return key_row(value, key, kNow);
}

std::string details_of(std::string_view record) {
  json::Reader reader;
  const json::Value value = reader.read(record).value();
  keys::ApiKey key;
  EXPECT_TRUE(keys::RecordReader().read(value, key));
  return key_details(value, key, kNow);
}

TEST(KeyRow, MissingFieldsHaveTheirDefaults) {
  const KeyRow row = row_of(R"({"id":"k","secret":"s"})");
  EXPECT_EQ(row.name, "");
  EXPECT_EQ(row.type, "shared_secret");
  EXPECT_EQ(row.created, "Never");
  EXPECT_EQ(row.status, "active");
}

TEST(KeyRow, AKeyIsExpiredOnlyAfterItsLastMoment) {
  EXPECT_EQ(row_of(R"({"id":"k","secret":"s","expires_at":"2026-01-20T10:30:00Z"})").status, "active");
  EXPECT_EQ(row_of(R"({"id":"k","secret":"s","expires_at":"2026-01-20T10:29:59.999999Z"})").status, "expired");
}

TEST(KeyRow, ADisabledKeyIsDisabledAlsoWhereItHasExpired) {
  EXPECT_EQ(row_of(R"({"id":"k","secret":"s","enabled":false,"expires_at":"2020-01-01"})").status, "disabled");
}

TEST(KeyRow, ControlCharactersAreHarmless) {
  EXPECT_EQ(row_of(R"({"id":"k\u001b[2J","secret":"s","name":"a\nb","secret_type":"\u0007"})").name, "a\\nb");
  EXPECT_EQ(row_of(R"({"id":"k\u001b[2J","secret":"s"})").id, "k\\x1b[2J");
  EXPECT_EQ(row_of(R"({"id":"k","secret":"s","secret_type":"\u0007"})").type, "\\x07");
}

TEST(KeyDetails, EveryFieldButTheSecretIsTold) {
  EXPECT_EQ(details_of(R"({"id":"k","secret":"s","name":"N","secret_type":"t","created_at":"c","updated_at":null,
                           "expires_at":"2027-01-01","owner":"o","scopes":["a:*","b"],"metadata":{"n": 1.50},
                           "previous":[{"secret_sha256":"0000000000000000000000000000000000000000000000000000000000000000",
                                        "expires_at":"2026-02-01T00:00:00Z"}],"x_custom":[1, "\u001b"]})"),
            "  ID:          k\n"
            "  Name:        N\n"
            "  Secret Type: t\n"
            "  Status:      active\n"
            "  Created:     c\n"
            "  Updated:     Never\n"
            "  Expires:     2027-01-01\n"
            "  Owner:       o\n"
            "  Scopes:      a:* b\n"
            "  Old secret:  good until 2026-02-01T00:00:00.000000Z\n"
            "  Metadata:    {\"n\":1.50}\n"
            "  x_custom:    [1,\"\\u001b\"]\n");
}

TEST(KeyDetails, FieldsOfAWrongTypeAreToldAsTheyAre) {
  const std::string details = details_of(R"({"id":"k","secret":"s","name":5,"owner":[1],"scopes":"a b"})");
  EXPECT_TRUE(details.contains("  Name:        5\n")) << details;
  EXPECT_TRUE(details.contains("  Owner:       [1]\n")) << details;
  EXPECT_TRUE(details.contains("  Scopes:      a b\n")) << details;
}

TEST(KeyDetails, TheStatusOfARefusedKeyIsColoured) {
  json::Reader reader;
  const json::Value value = reader.read(R"({"id":"k","secret":"s","enabled":false})").value();
  keys::ApiKey key;
  EXPECT_TRUE(keys::RecordReader().read(value, key));
  EXPECT_TRUE(key_details(value, key, kNow, true).contains("Status:      \x1b[33mdisabled\x1b[0m\n"));
  EXPECT_TRUE(key_details(value, key, kNow).contains("Status:      disabled\n"));
}

TEST(KeyDetails, NeitherSecretNorDigestIsTold) {
  const std::string digest(64, 'a');
  EXPECT_EQ(details_of(R"({"id":"k","secret":"hush"})").find("hush"), std::string::npos);
  EXPECT_EQ(details_of(R"({"id":"k","secret_sha256":")" + digest + "\"}").find(digest), std::string::npos);
}

TEST(KeyDetails, AnOldSecretIsRefusedOnceItsGraceOrItsKeyHasEnded) {
  const auto line_of = [](std::string_view key_end, std::string_view grace_end) {
    return details_of(fmt::format(
        R"({{"id": "k", "secret": "s", "expires_at": "{}", "previous": [{{"secret_sha256": "{:0>64}", "expires_at": "{}"}}]}})",
        key_end, "0", grace_end));
  };
  EXPECT_TRUE(line_of("2027-01-01", "2026-02-01").contains("Old secret:  good until 2026-02-01T00:00:00.000000Z\n"));
  EXPECT_TRUE(line_of("2027-01-01", "2026-01-01").contains("Old secret:  refused since 2026-01-01T00:00:00.000000Z\n"));
  EXPECT_TRUE(line_of("2025-01-01", "2026-02-01").contains("Old secret:  refused since 2025-01-01T00:00:00.000000Z\n"));
}

}  // namespace
}  // namespace heare::app
