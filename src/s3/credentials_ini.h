#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace heare::s3 {

/// The properties of one profile, by name in lower case. Any of them may be a secret.
using Profile = std::map<std::string, Secret, std::less<>>;
using Profiles = std::map<std::string, Profile, std::less<>>;

/// The two files name profiles differently: `[x]` in the credentials file, `[profile x]` in the config file, where only
/// the default profile may also be called `[default]`.
enum class ProfileFileKind { credentials, config };

/// Reads a file of profiles as the AWS SDKs do (docs.aws.amazon.com/sdkref/latest/guide/file-format.html): comments
/// take a whole line (`#`, `;`) or stand behind a value and white space; `=` or `:` ends a name; a section that is
/// given twice is one, and of a name given twice the last counts. Properties of properties (lines indented deeper, as
/// below `s3 =`) and sections that are no profile are skipped. The error (`unauthorized`) names the line and quotes
/// nothing.
Result<Profiles> parse_profiles(std::string_view text, ProfileFileKind kind);

}  // namespace heare::s3
