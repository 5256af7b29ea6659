#include "app/commands.h"

#include <gtest/gtest.h>

#include "app/report.h"

#include "app/commands_test_support.h"

namespace heare::app {
namespace {

class Commands : public CommandsTest {};

// --- create

TEST_F(Commands, CreateStoresAKeyPrintsItsSecretOnceAndRefreshesOnce) {
  EXPECT_EQ(command_create({.store = store(), .name = "My Service"}, world), kExitDone);
  EXPECT_EQ(service.calls, std::vector<std::string>{"POST http://localhost:8080/refresh"});
  const size_t secret = terminal.printed.find("sec_");
  ASSERT_NE(secret, std::string::npos);
  const size_t id = terminal.printed.find("key_");
  EXPECT_EQ(terminal.printed, "\nCreated API key:\n  ID:          " + terminal.printed.substr(id, 23) +
                                  "\n  Secret:      " + terminal.printed.substr(secret, 64) +
                                  "\n  Name:        My Service\n"
                                  "  Secret Type: shared_secret\n"
                                  "  Created:     2026-01-20T10:30:00.123456Z\n"
                                  "  Expires:     Never\n"
                                  "\n✓ Service refreshed - 5 keys loaded\n"
                                  "\n⚠️  Save the SECRET securely - it will not be shown again!\n"
                                  "    Use the ID for reference and logging.\n");
  EXPECT_EQ(terminal.told, "");
  EXPECT_NE(document().find(terminal.printed.substr(id, 23)), std::string::npos);
  EXPECT_EQ(document().find("\"secret\""), std::string::npos);
}

TEST_F(Commands, CreateSucceedsWhereTheServiceCannotBeReached) {
  service.answer = std::unexpected(fetch::Failure{true, false, "POST http://localhost:8080/refresh: refused"});
  EXPECT_EQ(command_create({.store = store(), .name = "N"}, world), kExitDone);
  EXPECT_TRUE(terminal.told.starts_with(
      "⚠️  Warning: Could not refresh service: POST http://localhost:8080/refresh: refused\n"));
  EXPECT_EQ(terminal.printed.find("✓"), std::string::npos);
  EXPECT_NE(terminal.printed.find("Save the SECRET"), std::string::npos);
}

TEST_F(Commands, CreateWithoutARefreshCallsNobody) {
  EXPECT_EQ(command_create({.store = store(), .refresh = {.no_refresh = true}, .name = "N"}, world), kExitDone);
  EXPECT_TRUE(service.calls.empty());
  EXPECT_EQ(terminal.told, "");
}

TEST_F(Commands, CreateAsJsonHasTheSecretAndNoDigest) {
  EXPECT_EQ(command_create({.store = store(), .name = "N", .metadata = "{\"n\": 1.50}", .json = true}, world),
            kExitDone);
  EXPECT_TRUE(printed_field("secret").starts_with("\"sec_"));
  EXPECT_EQ(printed_field("secret_sha256"), "missing");
  EXPECT_EQ(printed_field("metadata"), "{\n    \"n\": 1.50\n  }");
  EXPECT_EQ(printed_field("refresh"), "{\n    \"keys_loaded\": 5\n  }");
  EXPECT_EQ(printed_field("updated_at"), "null");
}

TEST_F(Commands, CreateInADocumentWithPlainSecretsStaysPlain) {
  put(kTwoKeys);
  EXPECT_EQ(command_create({.store = store(), .name = "N", .json = true}, world), kExitDone);
  EXPECT_NE(document().find("\"secret\": " + printed_field("secret")), std::string::npos);
}

TEST_F(Commands, CreateFollowsTheSecretStorageThatIsAskedFor) {
  put(kTwoKeys);
  EXPECT_EQ(command_create({.store = store(), .name = "N", .secret_storage = "hashed", .json = true}, world),
            kExitDone);
  EXPECT_EQ(document().find(printed_field("secret")), std::string::npos);
}

TEST_F(Commands, CreateRefusesABadValueBeforeAnythingElse) {
  EXPECT_EQ(command_create({.store = store(), .name = "N", .metadata = "[]"}, world), kExitMisuse);
  EXPECT_EQ(document(), "");
  EXPECT_TRUE(service.calls.empty());
  EXPECT_TRUE(terminal.told.starts_with("Error: --metadata: "));
}

TEST_F(Commands, CreateWarnsOfAnExpiryThatIsPast) {
  EXPECT_EQ(command_create({.store = store(), .name = "N", .expires_at = "2020-01-01"}, world), kExitDone);
  EXPECT_EQ(terminal.told, "⚠️  Warning: --expires-at: in the past\n");
}

TEST_F(Commands, CreateLeavesABrokenDocumentAlone) {
  put("{\"keys\": [{}]}");
  EXPECT_EQ(command_create({.store = store(), .name = "N"}, world), kExitFailed);
  EXPECT_EQ(document(), "{\"keys\": [{}]}");
  EXPECT_EQ(terminal.printed, "");
}

// --- list, show

TEST_F(Commands, ListOfNoDocumentIsEmpty) {
  EXPECT_EQ(command_list({.store = store()}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "No API keys found.\n");
  terminal.printed.clear();
  EXPECT_EQ(command_list({.store = store(), .json = true}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "{\n  \"keys\": [],\n  \"total\": 0\n}\n");
}

TEST_F(Commands, ListHasALineForEachKeyAndTheTotal) {
  put(kTwoKeys);
  EXPECT_EQ(command_list({.store = store()}, world), kExitDone);
  EXPECT_NE(terminal.printed.find("A\\x1b  key_a   shared_secret  2026-01-20T10:30:00Z\n"), std::string::npos)
      << terminal.printed;
  EXPECT_NE(terminal.printed.find("Total: 2 keys\n"), std::string::npos);
}

TEST_F(Commands, ListShowsAndCountsOnlyWhatIsAskedFor) {
  put(kTwoKeys);
  EXPECT_EQ(command_list({.store = store(), .match = "key_b"}, world), kExitDone);
  EXPECT_EQ(terminal.printed.find("key_a"), std::string::npos);
  EXPECT_NE(terminal.printed.find("Total: 1 keys\n"), std::string::npos);
  terminal.printed.clear();
  EXPECT_EQ(command_list({.store = store(), .match = "key_b", .json = true}, world), kExitDone);
  EXPECT_EQ(printed_field("total"), "1");
  EXPECT_EQ(terminal.printed.find("key_a"), std::string::npos);
  terminal.printed.clear();
  EXPECT_EQ(command_list({.store = store(), .detailed = true, .match = "nobody"}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "No API keys found.\n");
}

TEST_F(Commands, ListRefusesABadOrderBeforeAnythingElse) {
  EXPECT_EQ(command_list({.store = {.store = "nonsense"}, .sort = "size"}, world), kExitMisuse);
  EXPECT_EQ(terminal.told, "Error: --sort: not name, created, expires or id (size)\n");
}

TEST_F(Commands, ListOnANarrowScreenFits) {
  put(R"({"keys": [{"id": "key_a", "secret": "s", "name": "A name that is longer than the screen is wide"}]})");
  terminal.width = 40;
  EXPECT_EQ(command_list({.store = store()}, world), kExitDone);
  EXPECT_NE(terminal.printed.find("…"), std::string::npos);
}

TEST_F(Commands, ListAsJsonHoldsNoSecret) {
  put(kTwoKeys);
  EXPECT_EQ(command_list({.store = store(), .json = true}, world), kExitDone);
  EXPECT_EQ(printed_field("total"), "2");
  EXPECT_EQ(terminal.printed.find("sec_"), std::string::npos);
}

TEST_F(Commands, ListInDetailHoldsNoSecret) {
  put(kTwoKeys);
  EXPECT_EQ(command_list({.store = store(), .detailed = true}, world), kExitDone);
  EXPECT_NE(terminal.printed.find("  Updated:     Never\n"), std::string::npos);
  EXPECT_EQ(terminal.printed.find("sec_"), std::string::npos);
}

TEST_F(Commands, ShowOfAnUnknownIdFails) {
  EXPECT_EQ(command_show({.store = store(), .key_id = "key_x"}, world), kExitFailed);
  EXPECT_EQ(terminal.told, "Error: file://" + path() + ": no API key with the id 'key_x'\n");
}

TEST_F(Commands, ShowTakesTheLastOfTwoRecordsWithOneId) {
  put(R"({"keys": [{"id": "k", "secret": "a", "name": "first"}, {"id": "k", "secret": "b", "name": "last"}]})");
  EXPECT_EQ(command_show({.store = store(), .key_id = "k", .json = true}, world), kExitDone);
  EXPECT_EQ(printed_field("name"), "\"last\"");
  EXPECT_EQ(printed_field("refresh"), "null");
}

TEST_F(Commands, ASecretInPlaceOfAnIdIsNotRepeated) {
  EXPECT_EQ(command_show({.store = store(), .key_id = "sec_hush"}, world), kExitMisuse);
  EXPECT_EQ(command_delete({.store = store(), .key_id = "sec_hush"}, world), kExitMisuse);
  EXPECT_EQ(terminal.told.find("hush"), std::string::npos);
}

// --- delete

TEST_F(Commands, DeleteAsksAndTakesYes) {
  put(kTwoKeys);
  terminal.typed = {" Y\r"};
  EXPECT_EQ(command_delete({.store = store(), .key_id = "key_a"}, world), kExitDone);
  EXPECT_EQ(terminal.told, "Delete API key 'key_a' (A\\x1b)? [y/N]: ");
  EXPECT_EQ(terminal.printed, "✓ Deleted successfully.\n✓ Service refreshed - 5 keys loaded\n");
  EXPECT_EQ(document(), "{\"keys\": [\n  {\"id\": \"key_b\", \"secret\": \"sec_b\", \"name\": \"B\"}\n]}\n");
}

TEST_F(Commands, DeleteTakesAnythingElseForNo) {
  put(kTwoKeys);
  for (const std::string answer : {"n", "", "yesss", "sure"}) {
    terminal.typed = {answer};
    terminal.printed.clear();
    EXPECT_EQ(command_delete({.store = store(), .key_id = "key_a"}, world), kExitDone);
    EXPECT_EQ(terminal.printed, "Cancelled.\n");
  }
  EXPECT_EQ(document(), kTwoKeys);
  EXPECT_TRUE(service.calls.empty());
}

TEST_F(Commands, DeleteThatGetsNoAnswerFailsSoThatNoScriptTakesTheKeyForDeleted) {
  put(kTwoKeys);
  EXPECT_EQ(command_delete({.store = store(), .key_id = "key_a", .json = true}, world), kExitFailed);
  EXPECT_TRUE(terminal.told.ends_with(
      "\nError: standard input: no answer, nothing is deleted; --yes deletes without a question\n"));
  EXPECT_EQ(terminal.printed, "");
  EXPECT_EQ(document(), kTwoKeys);
}

TEST_F(Commands, AnEditOfWhichTheOutputIsLostSaysThatItWasMade) {
  put(kTwoKeys);
  terminal.fails = true;
  EXPECT_EQ(command_delete({.store = store(), .key_id = "key_a", .yes = true}, world), kExitFailed);
  EXPECT_EQ(terminal.told, "Error: writing to standard output: full\nThe change is stored.\n");
  EXPECT_EQ(service.calls.size(), 1U);
}

TEST_F(Commands, DeleteWithYesDoesNotAsk) {
  put(kTwoKeys);
  EXPECT_EQ(command_delete({.store = store(), .key_id = "key_a", .yes = true, .json = true}, world), kExitDone);
  EXPECT_EQ(terminal.told, "");
  EXPECT_EQ(terminal.printed, "{\n  \"deleted\": \"key_a\",\n  \"refresh\": {\n    \"keys_loaded\": 5\n  }\n}\n");
}

TEST_F(Commands, DeleteOfAnUnknownIdFailsAndAsksNothing) {
  put(kTwoKeys);
  EXPECT_EQ(command_delete({.store = store(), .key_id = "key_x"}, world), kExitFailed);
  EXPECT_EQ(command_delete({.store = store(), .key_id = "key_x", .yes = true}, world), kExitFailed);
  const std::string line = "Error: file://" + path() + ": no API key with the id 'key_x'\n";
  EXPECT_EQ(terminal.told, line + line);
}

// --- refresh, health

TEST_F(Commands, RefreshPrintsTheNumberOfKeys) {
  EXPECT_EQ(command_refresh({.url = "http://127.0.0.1:1/refresh"}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "✓ Refresh successful - loaded 5 keys\n");
  EXPECT_EQ(service.calls, std::vector<std::string>{"POST http://127.0.0.1:1/refresh"});
}

TEST_F(Commands, RefreshFailsWhereTheServiceDoes) {
  service.answer_with(500, R"({"error":"Failed to refresh keys: broken"})");
  EXPECT_EQ(command_refresh({}, world), kExitFailed);
  EXPECT_EQ(terminal.told, "Error: POST http://localhost:8080/refresh: Failed to refresh keys: broken (HTTP 500)\n");
}

TEST_F(Commands, HealthIsOneLine) {
  service.answer_with(200, R"({"status":"ok"})");
  EXPECT_EQ(command_health({}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "✓ http://localhost:8080/health is healthy\n");
}

TEST_F(Commands, HealthFailsWhereNobodyAnswers) {
  service.answer = std::unexpected(fetch::Failure{true, false, "GET http://localhost:8080/health: refused"});
  EXPECT_EQ(command_health({}, world), kExitFailed);
  EXPECT_EQ(terminal.told, "Error: GET http://localhost:8080/health: refused\n");
}

// --- serve --check-config

TEST_F(Commands, CheckConfigTellsWhatItFound) {
  put(kTwoKeys);
  EXPECT_EQ(command_serve({.store = store(), .port = "81", .threads = "2", .check_config = true}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "Store:      file://" + path() +
                                  "\n"
                                  "Keys:       2 (2 plain secrets)\n"
                                  "Encryption: none\n"
                                  "Listen:     127.0.0.1:81\n"
                                  "Threads:    2\n"
                                  "Refresh:    every 10s\n"
                                  "Too old:    never\n"
                                  "Cache:      none\n"
                                  "✓ Configuration is good.\n");
}

TEST_F(Commands, CheckConfigTellsWhatAFieldThatCannotBeReadCountsAs) {
  put(R"({"keys": [{"id": "k", "secret": "s", "enabled": "yes", "expires_at": "soon"}]})");
  EXPECT_EQ(command_serve({.store = store(), .check_config = true}, world), kExitDone);
  EXPECT_NE(terminal.told.find("k: enabled: not true or false; the key is disabled\n"), std::string::npos);
  EXPECT_NE(terminal.told.find("k: expires_at: not an ISO 8601 time; the key never expires\n"), std::string::npos);
}

TEST_F(Commands, ServeRefusesTheStoreForItsCache) {
  put(kTwoKeys);
  EXPECT_EQ(command_serve({.store = store(), .cache_file = path(), .check_config = true}, world), kExitMisuse);
}

TEST_F(Commands, CheckConfigFailsOnADocumentThatDoesNotLoad) {
  put("{}");
  EXPECT_EQ(command_serve({.store = store(), .check_config = true}, world), kExitFailed);
  EXPECT_TRUE(terminal.told.starts_with("Error: file://"));
}

}  // namespace
}  // namespace heare::app
