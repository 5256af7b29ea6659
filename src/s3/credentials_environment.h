#pragma once

#include <memory>

#include "s3/credentials_source.h"

namespace heare::s3 {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or its old name, AWS_SECURITY_TOKEN), and
/// AWS_CREDENTIAL_EXPIRATION, which `aws configure export-credentials` sets beside them.
std::unique_ptr<CredentialsSource> make_environment_source(Environment environment);

}  // namespace heare::s3
