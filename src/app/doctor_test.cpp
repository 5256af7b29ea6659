#include "app/doctor.h"

#include <gtest/gtest.h>

#include "storage/memory_store.h"
#include "support/sequence_random.h"

namespace heare::app {
namespace {

using storage::PutOutcome;
using Put =
    std::function<Result<PutOutcome>(storage::ObjectStore&, const storage::Object&, const storage::Precondition&)>;

/// One writer's view of an object that all writers share, with writes as scripted.
class View final : public storage::ObjectStore {
 public:
  View(std::shared_ptr<storage::ObjectStore> object, Put put) : object_(std::move(object)), put_(std::move(put)) {}

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override {
    return object_->get(known, sink);
  }
  Result<PutOutcome> put(const storage::Object& object, const storage::Precondition& when) override {
    return put_(*object_, object, when);
  }
  Result<> remove() override { return object_->remove(); }
  std::string url() const override { return "memory:"; }

 private:
  const std::shared_ptr<storage::ObjectStore> object_;
  const Put put_;
};

Result<PutOutcome> put_as_asked(storage::ObjectStore& store, const storage::Object& object,
                                const storage::Precondition& when) {
  return store.put(object, when);
}

struct Examined {
  Check check;
  /// Nothing is left of the sibling.
  bool cleaned_up;
};

Examined examine(const Put& put) {
  const std::shared_ptr<storage::ObjectStore> object = storage::make_memory_store();
  Examined examined = {check_conditional_writes([&]() -> Result<ComposedStore> {
                         return ComposedStore{nullptr, std::make_unique<View>(object, put)};
                       }),
                       false};
  storage::StringSink sink;
  examined.cleaned_up = std::holds_alternative<storage::Absent>(*object->get(std::nullopt, sink));
  return examined;
}

TEST(Doctor, StoreThatHonoursConditionsIsGood) {
  const Examined examined = examine(put_as_asked);
  EXPECT_EQ(examined.check.status, Check::Status::ok) << examined.check.detail;
  EXPECT_TRUE(examined.cleaned_up);
}

TEST(Doctor, StoreThatIgnoresConditionsIsFoundOut) {
  const Examined examined =
      examine([](auto& store, const auto& object, const auto&) { return store.put(object, storage::Unconditional()); });
  EXPECT_EQ(examined.check.status, Check::Status::failed);
  EXPECT_NE(examined.check.detail.find("ignores If-None-Match"), std::string::npos) << examined.check.detail;
  EXPECT_TRUE(examined.cleaned_up);
}

TEST(Doctor, StoreThatIgnoresIfMatchAloneIsFoundOut) {
  const Examined examined = examine([](auto& store, const auto& object, const auto& when) -> Result<PutOutcome> {
    if (std::holds_alternative<storage::IfMatch>(when)) return store.put(object, storage::Unconditional());
    return store.put(object, when);
  });
  EXPECT_EQ(examined.check.status, Check::Status::failed);
  EXPECT_NE(examined.check.detail.find("ignores If-Match"), std::string::npos) << examined.check.detail;
}

TEST(Doctor, RacyStoreIsFoundOut) {
  const Examined examined = examine([](auto& store, const auto& object, const auto& when) -> Result<PutOutcome> {
    if (object.bytes.starts_with("racer")) return store.put(object, storage::Unconditional());
    return store.put(object, when);
  });
  EXPECT_EQ(examined.check.status, Check::Status::failed);
  EXPECT_NE(examined.check.detail.find("8 of 8 racing writers won"), std::string::npos) << examined.check.detail;
  EXPECT_TRUE(examined.cleaned_up);
}

TEST(Doctor, StoreWithoutConditionsIsAFault) {
  const Examined examined = examine([](auto&, const auto&, const auto&) -> Result<PutOutcome> {
    return fail(ErrorCode::invalid, "the store does not honour conditional writes");
  });
  EXPECT_EQ(examined.check.status, Check::Status::failed);
}

TEST(Doctor, PolicyThatDeniesTheSiblingIsUnprovedAndSaysWhatToAllow) {
  const Examined examined = examine([](auto&, const auto&, const auto&) -> Result<PutOutcome> {
    return fail(ErrorCode::unauthorized, "AccessDenied");
  });
  EXPECT_EQ(examined.check.status, Check::Status::unproved);
  EXPECT_NE(examined.check.detail.find("<key>.doctor-*"), std::string::npos) << examined.check.detail;
}

TEST(Doctor, DocumentIsReadDecryptedAndParsed) {
  const auto store = storage::make_memory_store();
  keys::StorageSecrets secrets;
  secrets.current = Secret("right");
  const keys::DocumentCipher cipher(secrets);
  heare::testing::SequenceRandom random;
  EXPECT_EQ(check_document(*store, cipher).front().status, Check::Status::unproved);

  const std::string sealed = cipher.seal(R"({"keys":[]})", WallTime(), random);
  ASSERT_TRUE(store->put({sealed, "x"}, storage::IfAbsent()));
  for (const Check& check : check_document(*store, cipher)) EXPECT_EQ(check.status, Check::Status::ok) << check.detail;

  secrets.current = Secret("wrong");
  const std::vector<Check> wrong = check_document(*store, keys::DocumentCipher(secrets));
  EXPECT_EQ(wrong.back().name, "decryption");
  EXPECT_EQ(wrong.back().status, Check::Status::failed);

  ASSERT_TRUE(store->put({R"({"keys":7})", "x"}, storage::Unconditional()));
  EXPECT_EQ(check_document(*store, cipher).back().status, Check::Status::failed);
}

TEST(Doctor, SiblingsDifferAndFitThePolicy) {
  heare::testing::SequenceRandom random;
  const std::string one = sibling_suffix(random);
  EXPECT_TRUE(one.starts_with(".doctor-"));
  EXPECT_NE(one, sibling_suffix(random));
}

}  // namespace
}  // namespace heare::app
