#include "keys/loader.h"

#include <gtest/gtest.h>

#include "keys/piece_thread.h"
#include "keys/verifier.h"
#include "support/sequence_random.h"

namespace heare::keys {
namespace {

constexpr WallTime kNow{};

StorageSecrets secrets(std::optional<std::string_view> current, std::optional<std::string_view> previous = {}) {
  StorageSecrets both;
  if (current) both.current = Secret(*current);
  if (previous) both.previous = Secret(*previous);
  return both;
}

std::string sealed(std::string_view json, std::string_view secret) {
  testing::SequenceRandom random(1);
  return DocumentCipher(secrets(secret)).seal(std::string(json), kNow, random);
}

Result<Loaded> load(std::string_view bytes, const StorageSecrets& with = {}, size_t piece = 1'000'000) {
  const DocumentCipher cipher(with);
  const auto loader = make_document_loader(cipher);
  loader->restart();
  for (size_t i = 0; i < bytes.size(); i += piece) {
    if (const Result<> done = loader->append(bytes.substr(i, piece)); !done) return std::unexpected(done.error());
  }
  return loader->finish();
}

constexpr std::string_view kDocument = R"({"keys": [
  {"id":"a","secret":"one","name":"A"},
  {"id":"b","secret":"two","enabled":0},
  {"id":"c","secret_sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]})";

TEST(DocumentLoader, LoadsPlainAndEncryptedInPiecesOfAnySize) {
  const std::string encrypted = sealed(kDocument, "passphrase");
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{1'000'000}}) {
    for (const std::string_view bytes : {kDocument, std::string_view(encrypted)}) {
      const Result<Loaded> loaded = load(bytes, secrets("passphrase"), piece);
      ASSERT_TRUE(loaded) << loaded.error().message;
      EXPECT_EQ(loaded->index->key_count(), 3U);
      EXPECT_EQ(loaded->plain_secret_count, 2U);
      EXPECT_TRUE(verify(*loaded->index, "one", kNow).grant);
      EXPECT_TRUE(verify(*loaded->index, "abc", kNow).grant);
      EXPECT_EQ(verify(*loaded->index, "two", kNow).refusal, Refusal::disabled);
    }
  }
}

TEST(DocumentLoader, DoubtfulFieldsAreReportedWithTheirKey) {
  const Result<Loaded> loaded = load(kDocument);
  ASSERT_EQ(loaded->doubtful_fields.size(), 1U);
  EXPECT_EQ(loaded->doubtful_fields[0].key_id, "b");
  EXPECT_EQ(loaded->doubtful_fields[0].field, "enabled");
}

TEST(DocumentLoader, ReportOfDoubtfulFieldsIsBounded) {
  std::string json = R"({"keys":[)";
  for (int i = 0; i < 250; ++i)
    json += fmt::format(R"({}{{"id":"k{}","secret":"{}","name":7}})", i == 0 ? "" : ",", i, i);
  const Result<Loaded> loaded = load(json + "]}");
  EXPECT_EQ(loaded->doubtful_fields.size(), kDoubtfulFieldsMax);
  EXPECT_EQ(loaded->doubtful_field_count, 250U);
}

TEST(DocumentLoader, PreviousStorageSecretIsTriedForReading) {
  const std::string encrypted = sealed(kDocument, "old");
  EXPECT_TRUE(load(encrypted, secrets("new", "old")));
  EXPECT_TRUE(load(encrypted, secrets(std::nullopt, "old")));
  EXPECT_TRUE(load(encrypted, secrets("old", "new")));
}

TEST(DocumentLoader, WrongSecretIsToldInTheWordsOfThePythonService) {
  const std::string encrypted = sealed(kDocument, "right");
  const Result<Loaded> wrong = load(encrypted, secrets("wrong", "also wrong"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "Failed to decrypt data - invalid STORAGE_SECRET");
  const Result<Loaded> none = load(encrypted);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "Data is encrypted but no STORAGE_SECRET provided");
}

TEST(DocumentLoader, AuthenticDocumentWithAFaultIsNotBlamedOnTheSecret) {
  const Result<Loaded> loaded = load(sealed(R"({"keys":[{"id":"a"}]})", "right"), secrets("right", "other"));
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message.contains("record 1 has neither")) << loaded.error().message;
}

TEST(DocumentLoader, EveryTruncationAndEveryDamagedByteIsRefused) {
  const std::string encrypted = sealed(R"({"keys":[]})", "s");
  for (size_t size = 0; size < encrypted.size(); ++size) {
    EXPECT_FALSE(load(encrypted.substr(0, size), secrets("s"))) << size;
    std::string damaged = encrypted;
    damaged[size] = damaged[size] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(load(damaged, secrets("s"))) << size;
  }
  for (size_t size = 0; size < kDocument.size(); ++size) EXPECT_FALSE(load(kDocument.substr(0, size))) << size;
}

TEST(DocumentLoader, RestartForgetsABrokenTransfer) {
  const DocumentCipher cipher({});
  const auto loader = make_document_loader(cipher);
  loader->restart();
  ASSERT_TRUE(loader->append(kDocument.substr(0, 60)));
  loader->restart();
  ASSERT_TRUE(loader->append(kDocument));
  const Result<Loaded> loaded = loader->finish();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->index->key_count(), 3U);
}

TEST(DocumentLoader, DocumentThatTurnsOutBadAtItsLastByteYieldsNothing) {
  std::string json(kDocument);
  json.back() = ']';
  EXPECT_EQ(load(json).error().code, ErrorCode::corrupt);
}

// --- Documents so long that threads work on them

std::string long_record(size_t number) {
  return fmt::format(R"({{"id":"key_{0}","secret":"secret {0}","metadata":{{"pad":"{1}"}}}})", number,
                     std::string(100, 'p'));
}

/// Of several pieces of a PieceThread, however it is handed over.
std::string long_document(size_t records = 20'000, std::string_view more = "") {
  std::string json = R"({"keys":[)" + long_record(0);
  for (size_t n = 1; n < records; ++n) json += "," + long_record(n);
  return json + std::string(more) + "]}";
}

TEST(LongDocument, LoadsPlainAndEncrypted) {
  const std::string json = long_document();
  ASSERT_GT(json.size(), 5 * PieceThread::kPieceBytes);
  for (const std::string& bytes : {json, sealed(json, "s")}) {
    for (const size_t piece : {size_t{16'000}, size_t{1'000'000}}) {
      const Result<Loaded> loaded = load(bytes, secrets("s", "other"), piece);
      ASSERT_TRUE(loaded) << loaded.error().message;
      EXPECT_EQ(loaded->index->key_count(), 20'000U);
      EXPECT_EQ(loaded->plain_secret_count, 20'000U);
      EXPECT_EQ(verify(*loaded->index, "secret 19999", kNow).grant->id_json, R"("key_19999")");
    }
  }
}

TEST(LongDocument, LastOfTwoRecordsWithOneSecretWinsHoweverFarApart) {
  const Result<Loaded> loaded = load(long_document(20'000, R"(,{"id":"last","secret":"secret 0"})"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->index->key_count(), 20'000U);
  EXPECT_EQ(verify(*loaded->index, "secret 0", kNow).grant->id_json, R"("last")");
}

TEST(LongDocument, FaultAnywhereIsToldByTheRecordsPositionOrTheByte) {
  const std::string good = long_document();
  std::string truncated = good.substr(0, good.size() - 1);
  std::string early = good;
  early.replace(early.find("secret 7\""), 8, "secret\n7");
  const std::pair<std::string, std::string> cases[] = {
      {truncated, "the text ends before the object does"},
      {early, "record 8: not valid JSON"},
      {long_document(20'000, R"(,{"id":"x"})"), "record 20001 has neither"},
      {good + "x", "something follows the value"},
  };
  for (const auto& [json, message] : cases) {
    for (const std::string& bytes : {json, sealed(json, "s")}) {
      const Result<Loaded> loaded = load(bytes, secrets("s"), 100'000);
      ASSERT_FALSE(loaded) << message;
      EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
      EXPECT_TRUE(loaded.error().message.contains(message)) << loaded.error().message;
    }
  }
}

TEST(LongDocument, EarlyFaultEndsTheTransferAndIsNotTakenForOneOfTheTransfer) {
  const DocumentCipher cipher({});
  const auto loader = make_document_loader(cipher);
  EXPECT_FALSE(loader->refused());
  const std::string nonsense(PieceThread::kPieceBytes, 'x');
  for (size_t n = 0; n <= PieceThread::kPieces && !loader->refused(); ++n) (void)loader->append(nonsense);
  EXPECT_TRUE(loader->refused());
  EXPECT_EQ(loader->finish().error().message, "not valid JSON at byte 0: a value was expected");
  loader->restart();
  EXPECT_FALSE(loader->refused());
}

TEST(LongDocument, MayBeBegunAgainInTheMiddleAndAbandoned) {
  const std::string json = long_document();
  for (const std::string& bytes : {json, sealed(json, "s")}) {
    const DocumentCipher cipher(secrets("s"));
    const auto loader = make_document_loader(cipher);
    ASSERT_TRUE(loader->append(std::string_view(bytes).substr(0, bytes.size() / 2)));
    loader->restart();
    ASSERT_TRUE(loader->append(bytes));
    const Result<Loaded> loaded = loader->finish();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->index->key_count(), 20'000U);
    loader->restart();
    ASSERT_TRUE(loader->append(std::string_view(bytes).substr(0, bytes.size() / 2)));
  }
}

}  // namespace
}  // namespace heare::keys
