#pragma once

#include <memory>

#include "s3/credentials_source.h"
#include "s3/credentials_web_identity.h"

namespace heare::s3 {

/// The profile AWS_PROFILE (else AWS_DEFAULT_PROFILE, else `default`) of AWS_SHARED_CREDENTIALS_FILE (else
/// ~/.aws/credentials) and AWS_CONFIG_FILE (else ~/.aws/config): keys, or a role with `web_identity_token_file`.
/// Another role, SSO and `credential_process` are errors that say how to get round them. `exchange` must outlive the
/// result.
std::unique_ptr<CredentialsSource> make_profile_source(Environment environment, WebIdentityExchange& exchange);

}  // namespace heare::s3
