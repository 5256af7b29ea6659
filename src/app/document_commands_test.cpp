// The commands that read or change the document as a whole.

#include <gtest/gtest.h>

#include "app/commands.h"
#include "app/report.h"

#include "app/commands_test_support.h"

namespace heare::app {
namespace {

class DocumentCommands : public CommandsTest {
 protected:
  int verify(std::string secret, bool json = false) {
    terminal.printed.clear();
    terminal.input = std::move(secret);
    return command_verify({.store = store(), .json = json}, world);
  }
};

// SHA-256 of "abc".
constexpr const char* kHashed = R"({"keys": [{"id": "key_a", "name": "A", "secret_sha256":
  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "owner": "o", "metadata": {"n": 1.50}}]})";

// --- verify

TEST_F(DocumentCommands, VerifyTellsWhoseSecretItIs) {
  put(kHashed);
  EXPECT_EQ(verify("abc"), kExitDone);
  EXPECT_EQ(terminal.printed, "✓ Good: key_a (A)\n");
  EXPECT_EQ(verify("abc", true), kExitDone);
  EXPECT_EQ(
      terminal.printed,
      "{\n  \"valid\": true,\n  \"key_id\": \"key_a\",\n  \"name\": \"A\",\n  \"metadata\": {\n    \"n\": 1.50\n  "
      "},\n  \"owner\": \"o\"\n}\n");
  EXPECT_TRUE(service.calls.empty());
}

TEST_F(DocumentCommands, VerifyTellsWhyASecretIsRefused) {
  put(R"({"keys": [{"id": "a", "secret": "off", "enabled": false}, {"id": "b", "secret": "old", "expires_at": "2020-01-01"}]})");
  EXPECT_EQ(verify("off"), kExitFailed);
  EXPECT_EQ(terminal.printed, "✗ Refused: disabled\n");
  EXPECT_EQ(verify("old"), kExitFailed);
  EXPECT_EQ(terminal.printed, "✗ Refused: expired\n");
  EXPECT_EQ(verify("hush"), kExitFailed);
  EXPECT_EQ(terminal.printed, "✗ Refused: not_found\n");
  EXPECT_EQ(verify("hush", true), kExitFailed);
  EXPECT_EQ(terminal.printed, "{\n  \"valid\": false,\n  \"error\": \"Invalid API key\"\n}\n");
}

TEST_F(DocumentCommands, VerifyThatCannotTellHasACodeOfItsOwn) {
  put("{}");
  EXPECT_EQ(verify("abc"), kExitCannotTell);
  EXPECT_EQ(terminal.printed, "");
  EXPECT_TRUE(terminal.told.starts_with("Error: file://"));
  terminal.input = "abc";
  EXPECT_EQ(command_verify({.store = {.store = "ftp://x"}}, world), kExitMisuse);
}

TEST_F(DocumentCommands, VerifyWithoutADocumentRefusesAndSaysWhy) {
  EXPECT_EQ(verify("abc"), kExitFailed);
  EXPECT_TRUE(terminal.told.contains("does not exist: no key is good"));
}

TEST_F(DocumentCommands, VerifyOfNothingIsMisuse) {
  put(kTwoKeys);
  EXPECT_EQ(command_verify({.store = store()}, world), kExitMisuse);
  EXPECT_EQ(terminal.told, "Error: standard input: empty, a secret was expected\n");
}

// --- inspect

TEST_F(DocumentCommands, InspectTellsWhatAnIdOrSecretSays) {
  terminal.input = "key_0001vi8zoPlsfJAdxKm";
  EXPECT_EQ(command_inspect({}, world), kExitDone);
  EXPECT_TRUE(
      terminal.printed.starts_with("  Prefix:      key\n  Created:     2026-01-20T10:30:00.000000Z\n"
                                   "  Checksum:    absent"));
  terminal.printed.clear();
  terminal.input = "sec_0001xVnMwh3GM64hoH3T7gw0KOQsAvgDZq9rQ9BS8my7CMqAtKeid04g3gld";
  EXPECT_EQ(command_inspect({.json = true}, world), kExitDone);
  EXPECT_EQ(
      terminal.printed,
      "{\n  \"prefix\": \"sec\",\n  \"created_at\": \"2026-11-24T10:03:22.000000Z\",\n  \"checksum\": \"ok\"\n}\n");
}

TEST_F(DocumentCommands, InspectRefusesAnythingElseAndDoesNotRepeatIt) {
  for (const char* const other : {"", "hush-hush", "mycompany_BRTRKFsL_51FwqftsmMDHHbJAMEXXHCgG"}) {
    terminal.told.clear();
    terminal.input = other;
    EXPECT_EQ(command_inspect({}, world), kExitFailed);
    EXPECT_EQ(terminal.told, "Error: standard input: neither an id nor a secret of heare-auth\n");
  }
}

// --- import, export

TEST_F(DocumentCommands, ImportTellsHowManyAndRefreshesOnce) {
  terminal.input = "{\"secret\":\"1\"}\n{\"secret\":\"2\"}\n";
  EXPECT_EQ(command_import({.store = store(), .file = "-"}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "✓ Imported 2 keys.\n✓ Service refreshed - 5 keys loaded\n");
  EXPECT_EQ(service.calls.size(), 1U);
  terminal.printed.clear();
  terminal.input = "";
  EXPECT_EQ(command_import({.store = store(), .file = "-", .json = true}, world), kExitDone);
  EXPECT_EQ(printed_field("imported"), "0");
}

TEST_F(DocumentCommands, ImportReadsAFile) {
  const std::string file = (home.path() / "lines.jsonl").string();
  std::ofstream(file) << R"({"id":"a","secret":"abc","expires_at":"soon"})";
  EXPECT_EQ(command_import({.store = store(), .file = file}, world), kExitDone);
  EXPECT_EQ(terminal.told,
            "⚠️  Warning: " + file + ": line 1: expires_at: not an ISO 8601 time; the key never expires\n");
  EXPECT_EQ(verify("abc"), kExitDone);
}

TEST_F(DocumentCommands, ImportOfABadLineWritesNothing) {
  put(kHashed);
  terminal.input = "{\"secret\":\"1\"}\n{\"secret\":2}\n";
  EXPECT_EQ(command_import({.store = store(), .file = "-"}, world), kExitFailed);
  EXPECT_EQ(terminal.told, "Error: standard input: line 2: secret: must be a string, not empty\n");
  EXPECT_EQ(document(), kHashed);
  EXPECT_TRUE(service.calls.empty());
}

TEST_F(DocumentCommands, ImportNeedsAFileThatIsThere) {
  EXPECT_EQ(command_import({.store = store()}, world), kExitMisuse);
  EXPECT_EQ(command_import({.store = store(), .file = "/nonexistent"}, world), kExitFailed);
  EXPECT_EQ(terminal.told,
            "Error: FILE: missing, - is standard input\n"
            "Error: reading /nonexistent: No such file or directory\n");
}

TEST_F(DocumentCommands, ExportKeepsEveryByteButTheWhiteSpace) {
  put(R"({"keys": [ {"id" : "a\" }", "secret":"\\" ,
    "x": [1E-400, "\ud800 \n"]}, {"id": "b", "secret": "2"} ]})");
  EXPECT_EQ(command_export({.store = store()}, world), kExitDone);
  EXPECT_EQ(terminal.printed, R"({"id":"a\" }","secret":"\\","x":[1E-400,"\ud800 \n"]}
{"id":"b","secret":"2"}
)");
  EXPECT_EQ(terminal.told, "");
}

TEST_F(DocumentCommands, ExportRedactedHoldsNoPlainSecretNotEvenOneThatDoesNotCount) {
  put(R"({"keys": [{"id":"a","secret":"hush","secret":"abc"}]})");
  EXPECT_EQ(command_export({.store = store(), .redact = true}, world), kExitDone);
  EXPECT_EQ(terminal.printed,
            "{\"id\":\"a\",\"secret_sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}\n");
}

TEST_F(DocumentCommands, ExportAsJsonIsADocument) {
  EXPECT_EQ(command_export({.store = store(), .json = true}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "{\n  \"keys\": []\n}\n");
  terminal.printed.clear();
  put(R"({"keys":[{"id":"a","secret":"1"},{"id":"b","secret":"2"}]})");
  EXPECT_EQ(command_export({.store = store(), .json = true}, world), kExitDone);
  EXPECT_EQ(terminal.printed, R"({
  "keys": [
    {
      "id": "a",
      "secret": "1"
    },
    {
      "id": "b",
      "secret": "2"
    }
  ]
}
)");
}

TEST_F(DocumentCommands, ExportOfSecretsToAScreenWarns) {
  put(kTwoKeys);
  terminal.is_screen = true;
  EXPECT_EQ(command_export({.store = store(), .redact = true}, world), kExitDone);
  EXPECT_EQ(terminal.told, "");
  EXPECT_EQ(command_export({.store = store()}, world), kExitDone);
  EXPECT_EQ(terminal.told, "⚠️  Warning: 2 secrets are on this screen; --redact prints digests in their place\n");
}

// --- migrate

TEST_F(DocumentCommands, MigrateHashesOnceAndThenHasNothingToDo) {
  put(kTwoKeys);
  EXPECT_EQ(command_migrate({.store = store(), .hash_secrets = true}, world), kExitDone);
  EXPECT_EQ(terminal.printed, "✓ Migrated 2 keys.\n✓ Service refreshed - 5 keys loaded\n");
  EXPECT_FALSE(document().contains("\"secret\""));
  EXPECT_EQ(verify("sec_a"), kExitDone);
  const std::string migrated = document();
  terminal.printed.clear();
  EXPECT_EQ(command_migrate({.store = store(), .hash_secrets = true, .json = true}, world), kExitDone);
  EXPECT_EQ(printed_field("migrated"), "0");
  EXPECT_EQ(document(), migrated);
}

TEST_F(DocumentCommands, MigrateEncryptsWithTheSecretOfToday) {
  put(kHashed);
  MigrateFlags flags = {.store = store(), .reencrypt = true, .json = true};
  flags.store.storage_secret = "first";
  EXPECT_EQ(command_migrate(flags, world), kExitDone);
  EXPECT_EQ(printed_field("migrated"), "1");
  const std::string encrypted = document();
  EXPECT_TRUE(encrypted.starts_with("HEARE_ENCRYPTED_V1:"));
  terminal.printed.clear();
  EXPECT_EQ(command_migrate(flags, world), kExitDone);
  EXPECT_EQ(printed_field("migrated"), "0");
  EXPECT_EQ(document(), encrypted);
}

TEST_F(DocumentCommands, MigrateWithoutADocumentFails) {
  EXPECT_EQ(command_migrate({.store = store(), .hash_secrets = true}, world), kExitFailed);
  EXPECT_EQ(terminal.told, "Error: file://" + path() + ": there is no document\n");
}

TEST_F(DocumentCommands, ExportWithoutADocumentWarns) {
  EXPECT_EQ(command_export({.store = store()}, world), kExitDone);
  EXPECT_NE(terminal.told.find("does not exist: there is nothing to export\n"), std::string::npos);
}

TEST_F(DocumentCommands, MigrateMustBeToldWhat) {
  EXPECT_EQ(command_migrate({.store = store()}, world), kExitMisuse);
  EXPECT_EQ(command_migrate({.store = store(), .reencrypt = true}, world), kExitMisuse);
  EXPECT_EQ(terminal.told,
            "Error: nothing to do, give --hash-secrets or --reencrypt\n"
            "Error: --reencrypt: there is no storage secret, set STORAGE_SECRET or a file\n");
  EXPECT_EQ(document(), "");
}

}  // namespace
}  // namespace heare::app
