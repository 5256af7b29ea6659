#include "keys/import.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time_format.h"
#include "support/sequence_random.h"

namespace heare::keys {
namespace {

const WallTime kNow = parse_iso8601("2026-01-20T10:30:00Z").value();

Result<Import> read(std::string_view text) {
  testing::SequenceRandom random(1);
  return Import::read(text, kNow, random);
}

std::string error_of(std::string_view text) {
  const Result<Import> import = read(text);
  if (import) return "no error";
  EXPECT_EQ(import.error().code, ErrorCode::invalid);
  return import.error().message;
}

KeyDocument parsed(std::string_view json) {
  Result<KeyDocument> document = KeyDocument::parse(std::string(json));
  EXPECT_TRUE(document) << document.error().message;
  return std::move(*document);
}

/// The document that has taken all of `text`.
std::string imported(std::string_view text, KeyDocument document = KeyDocument::empty()) {
  const Result<Import> import = read(text);
  if (!import) return import.error().message;
  const Result<bool> added = import->add_to(document, std::nullopt, false);
  return added ? document.json() : added.error().message;
}

std::string digest_of(std::string_view secret) {
  return to_hex(crypto::sha256(secret));
}

constexpr std::string_view kPlain = R"({"keys": [{"id": "there", "secret": "here", "name": "N"}]})";

TEST(Import, EachKeyIsTold) {
  const std::string_view lines = "{\"secret\":\"a\"}\n\n{\"secret\":\"b\"}";
  for (const std::string_view text : {lines, std::string_view(R"({"keys":[{"secret":"a"},{"secret":"b"}]})")}) {
    testing::SequenceRandom random(1);
    std::vector<uint64_t> counts;
    const auto note = [&counts](Step step, uint64_t count) {
      EXPECT_EQ(step, Step::taking);
      counts.push_back(count);
    };
    EXPECT_TRUE(Import::read(text, kNow, random, note));
    EXPECT_EQ(counts, (std::vector<uint64_t>{1, 2}));
  }
}

TEST(Import, RecordKeepsEveryFieldAndIsLaidOutAsPythonWould) {
  EXPECT_EQ(
      imported(R"( {"x":{"big":123456789012345678901234567890,"l":[]},"secret":"\u0061bc","id":"a","n":1E-400} )"),
      R"({
  "secret_storage": "hashed",
  "keys": [
    {
      "x": {
        "big": 123456789012345678901234567890,
        "l": []
      },
      "secret_sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "id": "a",
      "n": 1E-400
    }
  ]
})");
}

TEST(Import, PlainDocumentKeepsThePlainSecretAsItWasWritten) {
  EXPECT_EQ(imported(R"({"id":"a","secret":"\u0061bc"})", parsed(kPlain)),
            R"({"keys": [{"id": "there", "secret": "here", "name": "N"},
    {
      "id": "a",
      "secret": "\u0061bc"
    }]})");
}

TEST(Import, IdThatIsMissingIsMade) {
  for (const std::string_view line : {R"({"secret":"s"})", R"({"id":null,"secret":"s"})"}) {
    EXPECT_TRUE(imported(line).contains("{\n      \"id\": \"key_0001vi")) << imported(line);
  }
}

TEST(Import, DigestMayBeHexOrBase64OfEitherKind) {
  // SHA-256 of "abc": in base64 it has both characters in which the alphabets differ.
  for (const std::string_view digest :
       {"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"}) {
    EXPECT_TRUE(imported(fmt::format(R"({{"id":"a","secret_sha256":"{}"}})", digest)).contains(digest_of("abc")))
        << digest;
  }
}

TEST(Import, LastOfTwoEqualNamesCountsAndNoOtherSecretIsLeft) {
  const std::string json =
      imported(R"({"id":"a","secret":"first","secret_sha256":null,"s\u0065cret":"abc","name":1,"name":"n"})");
  EXPECT_TRUE(json.contains("\"id\": \"a\",\n      \"secret_sha256\": \"" + digest_of("abc") + "\",\n      \"name\""))
      << json;
  EXPECT_FALSE(json.contains("first"));
}

TEST(Import, LinesMayBeBlankAndEndInAnyWay) {
  const Result<Import> import = read("\n {\"secret\":\"a\"}\r\n\r\n\t\n{\"secret\":\"b\"}");
  ASSERT_TRUE(import) << import.error().message;
  EXPECT_EQ(import->size(), 2U);
  EXPECT_EQ(read("")->size(), 0U);
}

TEST(Import, DocumentIsTakenHoweverItIsLaidOut) {
  for (const std::string_view text :
       {R"({"keys":[{"id":"a","secret":"1"},{"id":"b","secret":"2"}],"total":2})",
        "{\"keys\":\n[{\"id\":\"a\",\"secret\":\"1\"},{\"secret\":\"2\"}]}",
        "{\n  \"keys\": [\n    {\n      \"id\": \"a\",\n      \"secret\": \"1\"\n    }, {\"secret\": \"2\"}\n  ]\n}\n",
        R"({"keys":[{"secret":7}],"keys":[{"secret":"1"},{"secret":"2"}]})"}) {
    const Result<Import> import = read(text);
    ASSERT_TRUE(import) << text << import.error().message;
    EXPECT_EQ(import->size(), 2U);
  }
}

TEST(Import, RecordWithAnUnknownFieldOfThatNameIsNoDocument) {
  for (const std::string_view text :
       {R"({"id":"a","secret":"s","keys":[{"id":"x","secret":"y"}]})", R"({"keys":[],"s\u0065cret":"s","id":"a"})",
        R"({"keys":[],"id":"a","secret_sha256":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="})"}) {
    const std::string json = imported(text);
    EXPECT_TRUE(json.contains("\"id\": \"a\"")) << json;
    EXPECT_TRUE(json.contains("\n      \"keys\": [")) << json;
    EXPECT_EQ(read(std::string(text) + "\n{\"secret\":\"2\"}")->size(), 2U) << text;
  }
}

TEST(Import, BadLineIsNamedWithTheFieldAndWithoutTheSecret) {
  struct Case {
    std::string_view line;
    std::string_view message;
  };
  const Case cases[] = {
      {"{", "not valid JSON at byte 1"},
      {"{\"secret\":\"hush", "not valid JSON at byte"},
      {"\xef\xbb\xbf{\"secret\":\"hush\"}", "not valid JSON at byte 0"},
      {"[]", "not a JSON object"},
      {"\"hush\"", "not a JSON object"},
      {R"({"id":"a"})", "has neither \"secret\" nor \"secret_sha256\""},
      {R"({"secret":"hush","secret_sha256":"hush"})", "has both \"secret\" and \"secret_sha256\"; remove one"},
      {R"({"secret":""})", "secret: must be a string, not empty"},
      {R"({"secret":["hush"]})", "secret: must be a string, not empty"},
      {R"({"secret_sha256":"hush"})", "secret_sha256: must be a SHA-256 in hex or base64"},
      {R"({"secret":"hush","id":""})", "id: must be a string, not empty"},
      {R"({"secret":"hush","id":7})", "id: must be a string, not empty"},
      {R"({"keys":[]})", "has neither \"secret\" nor \"secret_sha256\""},
  };
  for (const Case& c : cases) {
    const std::string message = error_of(fmt::format("{{\"secret\":\"good\"}}\n\n{}\n{{", c.line));
    EXPECT_TRUE(message.starts_with(fmt::format("line 3: {}", c.message))) << message;
    EXPECT_FALSE(message.contains("hush")) << message;
  }
}

TEST(Import, BadRecordOfADocumentIsNamed) {
  EXPECT_EQ(error_of(R"({"keys":[{"secret":"a"},{"id":"b"}]})"),
            "record 2: has neither \"secret\" nor \"secret_sha256\"");
  EXPECT_TRUE(
      error_of("{\n\"keys\":[{\"secret\":\"a\"},{\"id\":01}]}").starts_with("record 2: not valid JSON at byte 32"))
      << error_of("{\n\"keys\":[{\"secret\":\"a\"},{\"id\":01}]}");
  EXPECT_TRUE(error_of("{\n  \"keys\": [").starts_with("not valid JSON at byte"));
}

TEST(Import, LimitsAreThoseOfCreate) {
  const auto with = [](std::string_view field, std::string_view value) {
    return error_of(fmt::format(R"({{"secret":"s","{}":{}}})", field, value));
  };
  const std::string long_text(257, 'x');
  EXPECT_EQ(with("name", '"' + long_text + '"'), "line 1: name: too long (257 characters), at most 256");
  EXPECT_EQ(with("owner", '"' + long_text + '"'), "line 1: owner: too long (257 characters), at most 256");
  EXPECT_EQ(with("scopes", "[\"" + long_text + "\"]"), "line 1: scopes: one is too long (257 characters), at most 128");
  EXPECT_EQ(with("scopes", fmt::format("[{}]", fmt::join(std::vector<std::string>(65, "\"a\""), ","))),
            "line 1: scopes: too many (65), at most 64");
}

TEST(Import, IdOrSecretThatIsThereAlreadyIsRefusedByTheNameOfItsKey) {
  const std::string document = fmt::format(
      R"({{"keys": [{{"id": "there", "secret": "here", "name": "N", "previous": [{{"secret_sha256": "{}", "expires_at": "2999-01-01"}}]}}]}})",
      digest_of("before"));
  EXPECT_EQ(imported("{\"secret\":\"new\"}\n{\"id\":\"there\",\"secret\":\"s\"}", parsed(document)),
            "line 2: the id 'there' is there already");
  EXPECT_EQ(imported(R"({"id":"a","secret":"here"})", parsed(document)),
            "line 1: its secret is there already, of the key 'there' (N)");
  EXPECT_EQ(imported(R"({"id":"a","secret_sha256":")" + digest_of("before") + "\"}", parsed(document)),
            "line 1: its secret is there already, of the key 'there' (N)");
}

TEST(Import, WhatADocumentMayHoldIsTakenWithAWarning) {
  const Result<Import> import = read(
      "{\"id\":\"a\",\"secret\":\"1\"}\n{\"id\":\"b\",\"secret\":\"1\"}\n{\"id\":\"a\",\"secret\":\"3\"}\n"
      "{\"secret\":\"4\",\"expires_at\":\"next tuesday\"}\n");
  ASSERT_TRUE(import);
  EXPECT_EQ(import->warnings(),
            (std::vector<std::string>{"line 2: has the secret of line 1; the last one counts",
                                      "line 3: has the id of line 1; both verify, and commands take the last",
                                      "line 4: expires_at: not an ISO 8601 time; the key never expires"}));
  KeyDocument document = KeyDocument::empty();
  EXPECT_TRUE(import->add_to(document, std::nullopt, false));
  EXPECT_EQ(document.record_count(), 4U);
}

TEST(Import, OptionalFieldOfAWrongTypeIsTakenAsItIsWithAWarning) {
  struct Case {
    std::string_view field;
    std::string_view warning;
  };
  const Case cases[] = {
      {R"("name": 7)", "name: not a string; it counts as missing"},
      {R"("secret_type": 7)", "secret_type: not a string; it counts as missing"},
      {R"("created_at": 1700000000)", "created_at: not a string; it counts as missing"},
      {R"("updated_at": false)", "updated_at: not a string; it counts as missing"},
      {R"("expires_at": 17)", "expires_at: not an ISO 8601 time; the key never expires"},
      {R"("enabled": null)", "enabled: not true or false; the key is disabled"},
      {R"("enabled": "hush")", "enabled: not true or false; the key is disabled"},
      {R"("owner": {})", "owner: not a string; it counts as missing"},
      {R"("metadata": "hush")", "metadata: not an object; it counts as {}"},
      {R"("scopes": "a")", "scopes: not an array of scopes, of letters, digits and ._:/*- each; the key has none"},
  };
  for (const Case& c : cases) {
    const std::string line = fmt::format(R"({{"secret": "hush", {}}})", c.field);
    const Result<Import> import = read(line);
    ASSERT_TRUE(import) << import.error().message;
    EXPECT_EQ(import->warnings(), std::vector<std::string>{fmt::format("line 1: {}", c.warning)});
    EXPECT_TRUE(imported(line).contains(c.field)) << imported(line);
  }
}

TEST(Import, UnfinishedPreviousSecretIsLeftOutAndTheOthersHold) {
  const Result<Import> import = read(fmt::format(
      R"({{"secret":"s","previous":[{{"secret_sha256":"x"}},{{"secret_sha256":"{}","expires_at":"2999-01-01"}}]}})",
      digest_of("before")));
  ASSERT_TRUE(import) << import.error().message;
  ASSERT_EQ(import->warnings().size(), 1U);
  EXPECT_TRUE(import->warnings().front().starts_with("line 1: previous: not an array of"));
  KeyDocument document = KeyDocument::empty();
  ASSERT_TRUE(import->add_to(document, std::nullopt, false));
  document.for_each([](json::Value, const ApiKey& key) { EXPECT_EQ(key.previous.size(), 1U); });
}

TEST(Import, WarningsAreBounded) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "{\"secret\":\"same\"}\n";
  const std::vector<std::string> warnings = read(text)->warnings();
  ASSERT_EQ(warnings.size(), Import::kWarningsMax + 1);
  EXPECT_EQ(warnings.back(), "and 89 more like these");
}

TEST(Import, DigestAloneIsRefusedWhereAPythonServiceMayShareTheDocument) {
  const std::string line = fmt::format(R"({{"id":"a","secret_sha256":"{}"}})", digest_of("abc"));
  EXPECT_TRUE(
      imported(line, parsed(kPlain)).starts_with("line 1: only the digest of its secret is given, and a Python"));
  // There is a hashed record already: no Python service can read the document.
  const std::string mixed =
      fmt::format(R"({{"keys":[{{"id":"p","secret":"1"}},{{"id":"h","secret_sha256":"{}"}}]}})", digest_of("other"));
  EXPECT_TRUE(imported(line, parsed(mixed)).contains(digest_of("abc")));

  KeyDocument document = parsed(kPlain);
  EXPECT_TRUE(read(line)->add_to(document, SecretStorage::hashed, false));
  EXPECT_TRUE(document.json().contains(digest_of("abc")));
  KeyDocument empty = KeyDocument::empty();
  EXPECT_EQ(read(line)->add_to(empty, SecretStorage::plain, false).error().message,
            "line 1: only the digest of its secret is given, so it cannot be stored plain");
}

TEST(Import, MadeAlreadyChangesNothingWhereAWriteIsInDoubt) {
  const Result<Import> import = read("{\"secret\":\"1\"}\n{\"id\":\"a\",\"secret\":\"2\"}\n");
  KeyDocument document = parsed(kPlain);
  EXPECT_EQ(import->add_to(document, std::nullopt, true), true);
  const std::string after = document.json();
  EXPECT_EQ(import->add_to(document, std::nullopt, true), false);
  EXPECT_EQ(document.json(), after);
  EXPECT_FALSE(import->add_to(document, std::nullopt, false));
}

TEST(Import, OutcomeIsUnknownWhereAWriteIsInDoubtAndOnlySomeAreThere) {
  const Result<Import> import = read("{\"secret\":\"1\"}\n{\"id\":\"a\",\"secret\":\"2\"}\n");
  KeyDocument document = parsed(kPlain);
  ASSERT_TRUE(import->add_to(document, std::nullopt, true));
  ASSERT_EQ(document.erase("a"), 1U);
  const std::string before = document.json();
  EXPECT_EQ(import->add_to(document, std::nullopt, true).error().code, ErrorCode::unknown_outcome);
  EXPECT_EQ(document.json(), before);
  EXPECT_EQ(import->add_to(document, std::nullopt, false).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace heare::keys
