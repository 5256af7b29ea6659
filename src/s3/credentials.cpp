#include "s3/credentials.h"

#include <utility>
#include <vector>

#include "s3/credentials_container.h"
#include "s3/credentials_environment.h"
#include "s3/credentials_instance.h"
#include "s3/credentials_profile.h"
#include "s3/credentials_renewal.h"
#include "s3/credentials_web_identity.h"

namespace heare::s3 {
namespace {

/// Owns what the sources share.
class CredentialsChain final : public CredentialsProvider {
 public:
  CredentialsChain(const ChainOptions& options, CredentialsHttp http)
      : exchange_(options.environment, options.region, http),
        provider_(make_renewing_provider(sources(options.environment, http), http.clock)) {}

  Result<Credentials> get() override { return provider_->get(); }
  std::string source() const override { return provider_->source(); }

 private:
  std::vector<std::unique_ptr<CredentialsSource>> sources(const Environment& environment, CredentialsHttp http) {
    std::vector<std::unique_ptr<CredentialsSource>> sources;
    sources.push_back(make_environment_source(environment));
    sources.push_back(make_web_identity_source(environment, exchange_));
    sources.push_back(make_profile_source(environment, exchange_));
    sources.push_back(make_container_source(environment, http));
    sources.push_back(make_instance_source(environment, http));
    return sources;
  }

  WebIdentityExchange exchange_;
  const std::unique_ptr<CredentialsProvider> provider_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> make_credentials_chain(const ChainOptions& options, fetch::HttpClient& http,
                                                            const Clock& clock) {
  return std::make_unique<CredentialsChain>(options, CredentialsHttp{http, clock});
}

}  // namespace heare::s3
