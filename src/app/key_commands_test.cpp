// The commands that change one key.

#include <gtest/gtest.h>

#include "app/commands.h"
#include "app/report.h"
#include "base/encoding.h"
#include "crypto/sha256.h"

#include "app/commands_test_support.h"

namespace heare::app {
namespace {

class KeyCommands : public CommandsTest {
 protected:
  std::string refused() {
    std::string told = std::exchange(terminal.told, "");
    EXPECT_TRUE(service.calls.empty());
    return told;
  }
};

constexpr const char* kPythonWarning =
    "⚠️  Warning: a Python service that shares this document ignores this; delete the key there\n";
constexpr const char* kHashed = R"({"keys": [{"id": "key_a", "name": "A", "secret_sha256":
  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "owner": "o", "scopes": ["a"]}]})";

// --- create

TEST_F(KeyCommands, CreateTakesAnOwnerAndScopes) {
  EXPECT_EQ(command_create({.store = store(), .name = "N", .owner = "team a", .scopes = {"a:*", "b"}}, world),
            kExitDone);
  EXPECT_TRUE(terminal.printed.contains("  Expires:     Never\n  Owner:       team a\n  Scopes:      a:* b\n"));
  EXPECT_TRUE(document().contains("\"owner\": \"team a\",\n      \"scopes\": [\n        \"a:*\",\n"));
}

TEST_F(KeyCommands, CreateRefusesWhatIsNoScope) {
  const auto error_with = [&](std::vector<std::string> scopes) {
    EXPECT_EQ(command_create({.store = store(), .name = "N", .scopes = std::move(scopes)}, world), kExitMisuse);
    return refused();
  };
  EXPECT_EQ(error_with({"a b"}), "Error: --scope: not a scope (a b), letters, digits and ._:/*- only\n");
  EXPECT_EQ(error_with({""}), "Error: --scope: not a scope (), letters, digits and ._:/*- only\n");
  EXPECT_EQ(error_with({std::string(129, 'a')}), "Error: --scope: one is too long (129 characters), at most 128\n");
  EXPECT_EQ(error_with(std::vector<std::string>(65, "a")), "Error: --scope: too many (65), at most 64\n");
  EXPECT_EQ(command_create({.store = store(), .name = "N", .owner = std::string(257, 'o')}, world), kExitMisuse);
  EXPECT_EQ(refused(), "Error: --owner: too long (257 characters), at most 256\n");
}

TEST_F(KeyCommands, SecretIsPrintedBeforeTheServiceIsCalledAlsoAsJson) {
  std::string printed_before;
  service.on_call = [&] { printed_before = terminal.printed; };
  EXPECT_EQ(command_create({.store = store(), .name = "N", .json = true}, world), kExitDone);
  EXPECT_TRUE(printed_before.contains("\"secret\": \"sec_"));
  EXPECT_EQ(printed_field("refresh"), "{\n    \"keys_loaded\": 5\n  }");
}

// --- update

TEST_F(KeyCommands, UpdateChangesWhatItIsToldAndTheTimeAndNothingElse) {
  put(R"({"keys": [{"id": "key_a", "secret": "s", "name": "A", "x": 1E-400, "expires_at": "2030-01-01"}]})");
  EXPECT_EQ(command_update({.store = store(),
                            .key_id = "key_a",
                            .name = "B",
                            .metadata = R"({"n":1.50})",
                            .expires_at = "never",
                            .owner = "team",
                            .scopes = {"a"}},
                           world),
            kExitDone);
  EXPECT_EQ(document(), R"({"keys": [{"id": "key_a", "secret": "s", "name": "B", "x": 1E-400, "expires_at": null,
      "metadata": {
        "n": 1.50
      },
      "owner": "team",
      "scopes": [
        "a"
      ],
      "updated_at": "2026-01-20T10:30:00.123456Z"}]})");
  EXPECT_EQ(terminal.printed, "✓ Updated successfully.\n✓ Service refreshed - 5 keys loaded\n");
  EXPECT_EQ(service.calls.size(), 1U);
  EXPECT_EQ(terminal.told, "");
}

TEST_F(KeyCommands, UpdateRemovesOwnerAndScopesThatAreEmpty) {
  put(kHashed);
  EXPECT_EQ(command_update({.store = store(), .key_id = "key_a", .owner = "", .scopes = {""}, .json = true}, world),
            kExitDone);
  EXPECT_EQ(printed_field("owner"), "missing");
  EXPECT_EQ(printed_field("scopes"), "missing");
  EXPECT_EQ(printed_field("updated_at"), "\"2026-01-20T10:30:00.123456Z\"");
  EXPECT_EQ(printed_field("secret_sha256"), "missing");
  EXPECT_EQ(printed_field("refresh"), "{\n    \"keys_loaded\": 5\n  }");
}

TEST_F(KeyCommands, UpdateWarnsOfAnExpiryThatIsPast) {
  put(kHashed);
  EXPECT_EQ(command_update({.store = store(), .key_id = "key_a", .expires_at = "2020-01-01"}, world), kExitDone);
  EXPECT_EQ(terminal.told, "⚠️  Warning: --expires-at: in the past\n");
  EXPECT_TRUE(document().contains("\"expires_at\": \"2020-01-01T00:00:00.000000Z\""));
}

TEST_F(KeyCommands, UpdateRefusesBadValuesAndNone) {
  put(kHashed);
  const auto error_of = [&](const UpdateFlags& flags) {
    UpdateFlags whole = flags;
    whole.store = store();
    whole.key_id = "key_a";
    EXPECT_EQ(command_update(whole, world), kExitMisuse);
    return refused();
  };
  EXPECT_EQ(error_of({}), "Error: nothing to change, give --name, --metadata, --expires-at, --owner or --scope\n");
  EXPECT_EQ(error_of({.name = ""}), "Error: --name: empty\n");
  EXPECT_TRUE(error_of({.metadata = "[]"}).starts_with("Error: --metadata: not a JSON object"));
  EXPECT_TRUE(error_of({.expires_at = ""}).starts_with("Error: --expires-at: not an ISO 8601 time"));
  EXPECT_TRUE(error_of({.scopes = {"a", ""}}).starts_with("Error: --scope: not a scope ()"));
  EXPECT_EQ(command_update({.store = store(), .name = "x"}, world), kExitMisuse);
  EXPECT_EQ(refused(), "Error: KEY_ID: missing, `heare-auth list` shows them\n");
  EXPECT_EQ(document(), kHashed);
}

TEST_F(KeyCommands, EditsOfAKeyThatIsNotThereFail) {
  put(kHashed);
  EXPECT_EQ(command_update({.store = store(), .key_id = "key_x", .name = "x"}, world), kExitFailed);
  EXPECT_EQ(command_enable({.store = store(), .key_id = "key_x"}, world), kExitFailed);
  EXPECT_EQ(command_disable({.store = store(), .key_id = "key_x"}, world), kExitFailed);
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_x"}, world), kExitFailed);
  const std::string line = "Error: file://" + path() + ": no API key with the id 'key_x'\n";
  EXPECT_EQ(refused(), line + line + line + line);
  EXPECT_EQ(terminal.printed, "");
  EXPECT_EQ(document(), kHashed);
}

// --- enable, disable

TEST_F(KeyCommands, DisabledKeyIsDisabledUntilItIsEnabled) {
  put(kHashed);
  EXPECT_EQ(command_disable({.store = store(), .key_id = "key_a"}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "✓ Disabled successfully.\n✓ Service refreshed - 5 keys loaded\n");
  EXPECT_TRUE(document().contains("\"enabled\": false,\n      \"updated_at\": \"2026-01-20T10:30:00.123456Z\"}"));
  EXPECT_EQ(terminal.told, "");
  terminal.printed.clear();
  EXPECT_EQ(command_enable({.store = store(), .key_id = "key_a", .json = true}, world), kExitDone);
  EXPECT_EQ(printed_field("enabled"), "true");
  EXPECT_TRUE(document().contains("\"enabled\": true"));
}

TEST_F(KeyCommands, DisablingWarnsOfAPythonServiceAndEnablingDoesNot) {
  put(kTwoKeys);
  EXPECT_EQ(command_enable({.store = store(), .key_id = "key_a"}, world), kExitDone);
  EXPECT_EQ(terminal.told, "");
  EXPECT_EQ(command_disable({.store = store(), .key_id = "key_a"}, world), kExitDone);
  EXPECT_EQ(terminal.told, kPythonWarning);
}

// --- rotate

TEST_F(KeyCommands, RotateShowsTheNewSecretAndUntilWhenTheOldOneIsGood) {
  put(kHashed);
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_a", .grace = "24h"}, world), kExitDone);
  const std::string secret = terminal.printed.substr(terminal.printed.find("sec_"), 64);
  EXPECT_EQ(terminal.printed, "\nRotated API key:\n  ID:          key_a\n  Secret:      " + secret +
                                  "\n  Name:        A\n"
                                  "  Updated:     2026-01-20T10:30:00.123456Z\n"
                                  "  Old secret:  good until 2026-01-21T10:30:00.123456Z\n"
                                  "\n✓ Service refreshed - 5 keys loaded\n"
                                  "\n⚠️  Save the SECRET securely - it will not be shown again!\n"
                                  "    Use the ID for reference and logging.\n");
  EXPECT_EQ(terminal.told, "");
  EXPECT_TRUE(document().contains(to_hex(crypto::sha256(secret))));
  EXPECT_FALSE(document().contains(secret));
}

TEST_F(KeyCommands, RotateOfWhichTheOutputIsLostStillEndsTheOldSecretInTheService) {
  put(kTwoKeys);
  terminal.fails = true;
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_b"}, world), kExitFailed);
  EXPECT_NE(terminal.told.find("it is lost"), std::string::npos);
  EXPECT_EQ(service.calls.size(), 1U);
}

TEST_F(KeyCommands, RotateAsJsonHasTheSecretAndNoDigest) {
  put(kHashed);
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_a", .grace = "15m", .json = true}, world), kExitDone);
  EXPECT_TRUE(printed_field("secret").starts_with("\"sec_"));
  EXPECT_EQ(printed_field("previous"), "[\n    {\n      \"expires_at\": \"2026-01-20T10:45:00.123456Z\"\n    }\n  ]");
  EXPECT_FALSE(terminal.printed.contains("sha256"));
  EXPECT_EQ(printed_field("refresh"), "{\n    \"keys_loaded\": 5\n  }");
}

TEST_F(KeyCommands, RotateWithGraceWarnsOfAPythonService) {
  put(kTwoKeys);
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_a"}, world), kExitDone);
  EXPECT_EQ(terminal.told, "");
  EXPECT_TRUE(terminal.printed.contains("  Old secret:  refused from the next refresh on\n"));
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_a", .grace = "1d"}, world), kExitDone);
  EXPECT_EQ(terminal.told, kPythonWarning);
}

TEST_F(KeyCommands, RotateWarnsWhereTheNewSecretIsRefusedToo) {
  put(R"({"keys": [{"id": "k", "secret": "s", "enabled": false, "expires_at": "2020-01-01"}]})");
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "k"}, world), kExitDone);
  EXPECT_EQ(terminal.told,
            "⚠️  Warning: the key is disabled, and its new secret is refused until it is enabled\n"
            "⚠️  Warning: the key has expired, and its new secret is refused until it expires later\n");
}

TEST_F(KeyCommands, RotateRefusesAGraceThatIsNoDuration) {
  put(kHashed);
  EXPECT_EQ(command_rotate({.store = store(), .key_id = "key_a", .grace = "tomorrow"}, world), kExitMisuse);
  EXPECT_EQ(refused(),
            "Error: --grace: not a duration of at most 100 years (tomorrow), for example 500ms, 10s, 5m, 24h or 7d\n");
  EXPECT_EQ(document(), kHashed);
}

}  // namespace
}  // namespace heare::app
