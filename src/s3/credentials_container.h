#pragma once

#include <memory>

#include "s3/credentials_request.h"
#include "s3/credentials_source.h"

namespace heare::s3 {

/// The endpoint that ECS, EKS Pod Identity and Greengrass give to a container:
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (at 169.254.170.2) or AWS_CONTAINER_CREDENTIALS_FULL_URI, asked with the
/// token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (read each time) or AWS_CONTAINER_AUTHORIZATION_TOKEN
/// (docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
std::unique_ptr<CredentialsSource> make_container_source(Environment environment, CredentialsHttp http);

}  // namespace heare::s3
