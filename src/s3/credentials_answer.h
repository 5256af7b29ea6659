#pragma once

#include <string_view>

#include "base/error.h"
#include "s3/credentials.h"

namespace heare::s3 {

/// Reads the JSON that container endpoints and the instance metadata service answer with: `AccessKeyId`,
/// `SecretAccessKey`, and, where they are temporary, `Token` and `Expiration`; a `Code` must be `Success`. Errors
/// (`unauthorized`) quote nothing but the code.
Result<Credentials> read_json_answer(std::string_view json);

/// Reads what STS answers to AssumeRoleWithWebIdentity
/// (docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
Result<Credentials> read_sts_answer(std::string_view xml);

}  // namespace heare::s3
