#include <memory>
#include <optional>
#include <string>

#include "contract/object_store_contract.h"
#include "storage/file_store.h"
#include "storage/memory_store.h"
#include "support/temp_dir.h"

namespace heare::contract {
namespace {

using storage::ObjectStore;

class FilePlace final : public Place {
 public:
  std::unique_ptr<ObjectStore> open() override { return storage::make_file_store(folder_ / "new/keys.json"); }

 private:
  testing::TempDir folder_;
};

/// Every store that is opened is the same one.
class SharedStore final : public ObjectStore {
 public:
  explicit SharedStore(std::shared_ptr<ObjectStore> store) : store_(std::move(store)) {}

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override {
    return store_->get(known, sink);
  }
  Result<storage::PutOutcome> put(const storage::Object& object, const storage::Precondition& precondition) override {
    return store_->put(object, precondition);
  }
  Result<> remove() override { return store_->remove(); }
  std::string url() const override { return store_->url(); }

 private:
  std::shared_ptr<ObjectStore> store_;
};

class MemoryPlace final : public Place {
 public:
  std::unique_ptr<ObjectStore> open() override { return std::make_unique<SharedStore>(store_); }

 private:
  std::shared_ptr<ObjectStore> store_ = storage::make_memory_store();
};

INSTANTIATE_TEST_SUITE_P(
    LocalStores, ObjectStoreContract,
    ::testing::Values(Implementation{.name = "Memory", .make_place = [] { return std::make_unique<MemoryPlace>(); }},
                      Implementation{.name = "File", .make_place = [] { return std::make_unique<FilePlace>(); }}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace heare::contract
