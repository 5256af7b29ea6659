#include "s3/credentials_profile.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "s3/credentials_file.h"
#include "s3/credentials_ini.h"

namespace heare::s3 {
namespace {

constexpr std::string_view kKeyId = "aws_access_key_id";
constexpr std::string_view kSecret = "aws_secret_access_key";

struct ProfileFile {
  std::string path;
  /// Of the profile in use; nothing where the file, or it there, is missing.
  std::optional<Profile> profile;

  /// The property's value, empty where it is missing.
  Secret value(std::string_view name) const {
    if (!profile) return {};
    const auto found = profile->find(name);
    return found == profile->end() ? Secret() : found->second;
  }
  std::string text(std::string_view name) const { return std::string(value(name).reveal()); }
};

struct FileVariable {
  ProfileFileKind kind;
  std::string_view variable;
  std::string_view default_path;
};
constexpr FileVariable kCredentialsFile = {ProfileFileKind::credentials, "AWS_SHARED_CREDENTIALS_FILE",
                                           "/.aws/credentials"};
constexpr FileVariable kConfigFile = {ProfileFileKind::config, "AWS_CONFIG_FILE", "/.aws/config"};

/// The profile that is asked for by name, if one is.
std::optional<std::string> asked_profile(const Environment& environment) {
  std::optional<std::string> name = environment("AWS_PROFILE");
  return name ? name : environment("AWS_DEFAULT_PROFILE");
}

/// Reads one of the files. That a file is missing matters only where it was asked for.
Result<ProfileFile> read_file(const Environment& environment, const FileVariable& file, std::string_view profile) {
  const std::optional<std::string> home = environment("HOME");
  const std::optional<std::string> named = environment(file.variable);
  ProfileFile result;
  if (named) {
    result.path = named->starts_with("~/") && home ? *home + named->substr(1) : *named;
  } else if (home) {
    result.path = *home + std::string(file.default_path);
    // As the SDKs see it, a home that may not be entered (another user's, in a container) has no file.
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(result.path, ignored)) return result;
  } else {
    return result;
  }

  const Result<Secret> text = read_credentials_file(result.path);
  if (!text && text.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::unauthorized, "{}: {}", file.variable, text.error().message);
  }
  if (!text) return std::unexpected(text.error());
  Result<Profiles> profiles = parse_profiles(text->reveal(), file.kind);
  if (!profiles) return fail_in(fmt::format("reading {}", result.path), std::move(profiles.error()));
  if (const auto found = profiles->find(profile); found != profiles->end()) result.profile = std::move(found->second);
  return result;
}

/// What a profile may ask for and this program does not do, by a property that tells.
struct Unsupported {
  std::string_view property;
  std::string_view what;
};
constexpr Unsupported kRole = {"role_arn", "assumes a role (role_arn)"};
constexpr std::array<Unsupported, 4> kUnsupported = {{
    {"sso_session", "needs single sign-on (sso_session)"},
    {"sso_start_url", "needs single sign-on (sso_start_url)"},
    {"login_session", "needs a sign-in (login_session)"},
    {"credential_process", "runs a program (credential_process)"},
}};

class ProfileSource final : public CredentialsSource {
 public:
  ProfileSource(Environment environment, WebIdentityExchange& exchange)
      : environment_(std::move(environment)), exchange_(exchange) {}

  Result<std::optional<Credentials>> load() override {
    const std::optional<std::string> asked = asked_profile(environment_);
    profile_ = asked.value_or("default");
    path_.clear();
    const Result<ProfileFile> credentials_file = read_file(environment_, kCredentialsFile, profile_);
    if (!credentials_file) return std::unexpected(credentials_file.error());
    const Result<ProfileFile> config_file = read_file(environment_, kConfigFile, profile_);
    if (!config_file) return std::unexpected(config_file.error());
    if (asked && !credentials_file->profile && !config_file->profile) {
      return fail(ErrorCode::unauthorized, "there is no such profile in {} or {}",
                  shown(*credentials_file, kCredentialsFile), shown(*config_file, kConfigFile));
    }
    return from_files({&*credentials_file, &*config_file});
  }

  std::string name() const override {
    return fmt::format("the profile '{}'{}{}", profile_, path_.empty() ? "" : " of ", path_);
  }
  std::string looked_for() const override {
    return fmt::format("{} in the shared files (AWS_PROFILE, ~/.aws/credentials, ~/.aws/config)", name());
  }

 private:
  /// Credentials file first: it is the stronger one.
  using Files = std::array<const ProfileFile*, 2>;

  static std::string shown(const ProfileFile& file, const FileVariable& variable) {
    return file.path.empty() ? fmt::format("~{}", variable.default_path) : file.path;
  }

  /// The value in the stronger file that has one; remembers where it stood.
  std::string property(const Files& files, std::string_view name) {
    for (const ProfileFile* file : files) {
      std::string text = file->text(name);
      if (text.empty()) continue;
      path_ = file->path;
      return text;
    }
    return {};
  }

  Result<std::optional<Credentials>> from_files(const Files& files) {
    // A role comes before keys: beside one they are those that it is assumed with.
    if (std::string role_arn = property(files, kRole.property); !role_arn.empty()) {
      return from_role(files, std::move(role_arn));
    }
    for (const ProfileFile* file : files) {
      if (file->value(kKeyId).empty() && file->value(kSecret).empty()) continue;
      path_ = file->path;
      return from_keys(*file);
    }
    // Keys come before these: whoever has put them there has followed the advice.
    for (const Unsupported& unsupported : kUnsupported) {
      if (!property(files, unsupported.property).empty()) return not_supported(unsupported);
    }
    return std::nullopt;
  }

  Result<std::optional<Credentials>> from_role(const Files& files, std::string role_arn) {
    const std::string role_path = path_;
    std::string token_file = property(files, "web_identity_token_file");
    std::string session_name = property(files, "role_session_name");
    path_ = role_path;
    if (token_file.empty()) return not_supported(kRole);
    Result<Credentials> credentials =
        exchange_.credentials({std::move(token_file), std::move(role_arn), std::move(session_name)});
    if (!credentials) return std::unexpected(std::move(credentials.error()));
    return std::optional(*std::move(credentials));
  }

  static Result<std::optional<Credentials>> from_keys(const ProfileFile& file) {
    Secret token = file.value("aws_session_token");
    if (token.empty()) token = file.value("aws_security_token");
    Result<Credentials> credentials = checked({file.text(kKeyId), file.value(kSecret), std::move(token), std::nullopt});
    if (!credentials) return std::unexpected(std::move(credentials.error()));
    return std::optional(*std::move(credentials));
  }

  std::unexpected<Error> not_supported(const Unsupported& unsupported) const {
    return fail(ErrorCode::unauthorized,
                "it {}, which is not supported; set the variables that `aws configure export-credentials --profile {} "
                "--format env` prints",
                unsupported.what, profile_);
  }

  // Constant.
  const Environment environment_;
  WebIdentityExchange& exchange_;

  // As found by the last `load`.
  std::string profile_ = "default";
  /// The file that decided, or empty.
  std::string path_;
};

}  // namespace

std::unique_ptr<CredentialsSource> make_profile_source(Environment environment, WebIdentityExchange& exchange) {
  return std::make_unique<ProfileSource>(std::move(environment), exchange);
}

std::optional<std::string> profile_region(const Environment& environment) {
  const std::string profile = asked_profile(environment).value_or("default");
  // As everything about a profile, it may stand in either file.
  for (const FileVariable& file : {kCredentialsFile, kConfigFile}) {
    const Result<ProfileFile> read = read_file(environment, file, profile);
    if (!read) continue;
    if (std::string region = read->text("region"); !region.empty()) return region;
  }
  return std::nullopt;
}

}  // namespace heare::s3
