// The contract against the S3 server that the environment names; test_s3_servers.py starts some and runs it.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/random.h"
#include "contract/object_store_contract.h"
#include "fetch/http_client.h"
#include "s3/credentials.h"
#include "s3/s3_store.h"

namespace heare::contract {
namespace {

using storage::ObjectStore;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// A store with all that it needs, as each thread has its own.
class LoneS3Store final : public ObjectStore {
 public:
  explicit LoneS3Store(s3::S3Location location)
      : http_(fetch::make_http_client()),
        credentials_(s3::make_credentials_chain({.environment = environment, .region = location.region}, *http_,
                                                system_clock())),
        store_(s3::make_s3_store(std::move(location), {*credentials_, *http_, system_clock(), system_random()})) {}

  Result<storage::GetOutcome> get(const std::optional<storage::EntityTag>& known, storage::ByteSink& sink) override {
    return store_->get(known, sink);
  }
  Result<storage::PutOutcome> put(const storage::Object& object, const storage::Precondition& precondition) override {
    return store_->put(object, precondition);
  }
  Result<> remove() override { return store_->remove(); }
  std::string url() const override { return store_->url(); }

 private:
  static std::optional<std::string> environment(std::string_view name) {
    std::string value = variable(std::string(name).c_str());
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  }

  const std::unique_ptr<fetch::HttpClient> http_;
  const std::unique_ptr<s3::CredentialsProvider> credentials_;
  const std::unique_ptr<s3::S3Store> store_;
};

/// An object of its own in the one bucket, with a key that has to be encoded.
class S3Place final : public Place {
 public:
  S3Place() {
    static std::atomic<int> places = 0;
    location_.bucket = variable("HEARE_AUTH_CONTRACT_S3_BUCKET");
    location_.key = fmt::format("contract {}/ä+{}=1%2F.json", ::getpid(), ++places);
    location_.endpoint = variable("HEARE_AUTH_CONTRACT_S3_ENDPOINT");
  }
  ~S3Place() override { (void)open()->remove(); }

  std::unique_ptr<ObjectStore> open() override { return std::make_unique<LoneS3Store>(location_); }

 private:
  s3::S3Location location_;
};

/// None where no server is named.
std::vector<Implementation> servers() {
  if (variable("HEARE_AUTH_CONTRACT_S3_ENDPOINT").empty()) return {};
  return {{.name = "S3", .make_place = [] { return std::make_unique<S3Place>(); }}};
}

INSTANTIATE_TEST_SUITE_P(Servers, ObjectStoreContract, ::testing::ValuesIn(servers()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace heare::contract
