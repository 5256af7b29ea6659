#pragma once

#include <memory>

#include "s3/credentials_request.h"
#include "s3/credentials_source.h"

namespace heare::s3 {

/// The role of an EC2 instance, from its metadata service, version 2
/// (docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html), unless
/// AWS_EC2_METADATA_DISABLED is `true`. It needs no configuration, so a service that is not there, is none of EC2's or
/// has no role counts as not configured, unless AWS_EC2_METADATA_SERVICE_ENDPOINT asks for it or it has answered
/// before.
std::unique_ptr<CredentialsSource> make_instance_source(Environment environment, CredentialsHttp http);

}  // namespace heare::s3
