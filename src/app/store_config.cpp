#include "app/store_config.h"

#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "app/input_file.h"
#include "base/limits.h"
#include "s3/address.h"

namespace heare::app {
namespace {

constexpr std::string_view kDefaultKey = "keys.json";
/// A passphrase, not a document.
constexpr size_t kSecretFileBytesMax = size_t{64} * 1024;

/// A bucket, and what an S3 location takes besides, each from the highest source that has it.
Result<BucketLocation> s3_location(std::string_view bucket, const StoreFlags& flags, const Environment& environment,
                                   const ConfigFile& file) {
  const Setting key = first_of({from_flag("--key", flags.key), from_variable(environment, "S3_KEY"),
                                file.setting("s3_key", file.s3_key)})
                          .value_or(Setting{"", std::string(kDefaultKey)});
  if (key.text.empty()) return fail(ErrorCode::invalid, "{}: empty", key.origin);
  BucketLocation location = {.bucket = std::string(bucket), .key = key.text};

  const auto region =
      first_of({from_flag("--region", flags.region), from_variable(environment, "S3_REGION"),
                from_variable(environment, "AWS_REGION"), from_variable(environment, "AWS_DEFAULT_REGION"),
                file.setting("s3_region", file.s3_region)});
  if (region && !s3::is_region_name(region->text)) {
    return fail(ErrorCode::invalid, "{}: not the name of a region ({})", region->origin, region->text);
  }
  if (region) location.region = region->text;

  const auto endpoint =
      first_of({from_flag("--endpoint-url", flags.endpoint_url), from_variable(environment, "AWS_ENDPOINT_URL_S3"),
                from_variable(environment, "AWS_ENDPOINT_URL"), file.setting("endpoint_url", file.endpoint_url)});
  if (!endpoint) return location;
  const Result<std::string> normal = s3::normal_endpoint(endpoint->text);
  if (!normal) return fail_in(endpoint->origin, normal.error());
  location.endpoint_url = *normal;
  return location;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Reads `file:///path` (as it stands, without percent-decoding: a path is typed as the shell shows it) or
/// `s3://bucket[/key]`; `in_bucket` has what is not in the URL. Another key beside it is refused.
Result<StoreLocation> parse_store_url(const Setting& setting, const std::optional<std::string>& key_flag,
                                      const std::function<Result<BucketLocation>(std::string_view)>& in_bucket) {
  const auto refused = [&setting](std::string_view what) {
    return fail(ErrorCode::invalid,
                "{}: {} ({}), for example file:///var/lib/heare-auth/keys.json or s3://bucket/keys.json",
                setting.origin, what, setting.text);
  };
  std::string_view rest = setting.text;
  if (take_prefix(rest, "file://")) {
    if (!rest.starts_with('/')) return refused("not an absolute path");
    if (rest.ends_with('/')) return refused("a folder, not a file");
    return FileLocation{std::string(rest)};
  }
  if (!take_prefix(rest, "s3://")) return refused("not a store URL");
  const size_t slash = rest.find('/');
  const std::string_view bucket = rest.substr(0, slash);
  if (bucket.empty()) return refused("no bucket");
  if (!s3::is_bucket_name(bucket)) return refused("not a bucket's name");
  Result<BucketLocation> location = in_bucket(bucket);
  if (!location || slash == std::string_view::npos || slash + 1 == rest.size()) return location;
  // Whoever gives another one believes that the keys are there.
  if (key_flag && *key_flag != rest.substr(slash + 1)) {
    return fail(ErrorCode::invalid, "--key: {} names the key already ({}); leave one of them out", setting.origin,
                setting.text);
  }
  location->key = rest.substr(slash + 1);
  return location;
}

Result<StoreLocation> embedded_store(const Environment& environment) {
  constexpr std::string_view kPlace = "heare-auth/keys.json";
  // The XDG Base Directory Specification: a path that is not absolute is to be ignored.
  const std::optional<std::string> data_home = environment.get("XDG_DATA_HOME");
  if (data_home && data_home->starts_with('/')) return FileLocation{fmt::format("{}/{}", *data_home, kPlace)};
  const std::optional<std::string> home = environment.get("HOME");
  if (!home) {
    return fail(ErrorCode::invalid,
                "finding the embedded store: HOME is not set; set it, or name a store with --store file:///path");
  }
  return FileLocation{fmt::format("{}/.local/share/{}", *home, kPlace)};
}

Result<StoreLocation> resolve_location(const StoreFlags& flags, const Environment& environment,
                                       const ConfigFile& file) {
  struct Source {
    std::optional<Setting> store;
    std::optional<Setting> bucket;
  };
  const Source sources[] = {
      {from_flag("--store", flags.store), from_flag("--bucket", flags.bucket)},
      {from_variable(environment, "HEARE_AUTH_STORE"), from_variable(environment, "S3_BUCKET")},
      {file.setting("store", file.store), file.setting("s3_bucket", file.s3_bucket)},
  };
  const auto in_bucket = [&](std::string_view bucket) { return s3_location(bucket, flags, environment, file); };
  for (const auto& [store, bucket] : sources) {
    if (store) return parse_store_url(*store, flags.key, in_bucket);
    if (!bucket) continue;
    if (!s3::is_bucket_name(bucket->text)) {
      return fail(ErrorCode::invalid, "{}: not a bucket's name ({})", bucket->origin, bucket->text);
    }
    return in_bucket(bucket->text);
  }
  return embedded_store(environment);
}

/// Options of a bucket beside a file: whoever gives them believes that the keys are somewhere else.
Result<> check_nothing_of_s3(const StoreFlags& flags, const FileLocation& location) {
  for (const auto& setting : {from_flag("--key", flags.key), from_flag("--region", flags.region),
                              from_flag("--endpoint-url", flags.endpoint_url)}) {
    if (!setting) continue;
    return fail(ErrorCode::invalid,
                "{}: the keys are in {}, not in a bucket; leave it out, or give --store s3://bucket/key",
                setting->origin, to_url(location));
  }
  return {};
}

Result<Secret> read_secret_file(const Setting& setting) {
  Result<std::string> text = read_file(setting.text, kSecretFileBytesMax);
  if (!text) return fail_in(setting.origin, text.error());
  // Editors and `echo` end a file with a newline that nobody means.
  if (text->ends_with('\n')) text->pop_back();
  if (text->empty()) return fail(ErrorCode::invalid, "{}: the file is empty ({})", setting.origin, setting.text);
  return Secret::take(*text);
}

Result<std::optional<Secret>> resolve_secret(const StoreFlags& flags, const Environment& environment,
                                             const ConfigFile& config_file) {
  struct Source {
    std::optional<Setting> secret;
    std::optional<Setting> file;
  };
  const Source sources[] = {
      {from_flag("--storage-secret", flags.storage_secret),
       from_flag("--storage-secret-file", flags.storage_secret_file)},
      {from_variable(environment, "STORAGE_SECRET"), from_variable(environment, "STORAGE_SECRET_FILE")},
      {std::nullopt, config_file.setting("storage_secret_file", config_file.storage_secret_file)},
  };
  for (const auto& [secret, file] : sources) {
    if (secret && file) return fail(ErrorCode::invalid, "{} and {}: give one of them", secret->origin, file->origin);
    if (secret && secret->text.empty()) return fail(ErrorCode::invalid, "{}: empty", secret->origin);
    if (secret) return Secret(secret->text);
    if (file) return read_secret_file(*file);
  }
  return std::nullopt;
}

}  // namespace

std::string to_url(const StoreLocation& location) {
  if (const auto* const file = std::get_if<FileLocation>(&location)) return fmt::format("file://{}", file->path);
  const auto& s3 = std::get<BucketLocation>(location);
  return fmt::format("s3://{}/{}", s3.bucket, s3.key);
}

void append_to_key(StoreLocation& location, const std::string& suffix) {
  if (auto* const file = std::get_if<FileLocation>(&location)) {
    file->path += suffix;
  } else {
    std::get<BucketLocation>(location).key += suffix;
  }
}

Result<StoreConfig> resolve_store(const StoreFlags& flags, const Environment& environment, const ConfigFile& file) {
  Result<StoreLocation> location = resolve_location(flags, environment, file);
  if (!location) return std::unexpected(location.error());
  if (const auto* const document = std::get_if<FileLocation>(&*location)) {
    if (const Result<> good = check_nothing_of_s3(flags, *document); !good) return std::unexpected(good.error());
  }
  Result<std::optional<Secret>> secret = resolve_secret(flags, environment, file);
  if (!secret) return std::unexpected(secret.error());

  const Result<std::chrono::milliseconds> timeout =
      duration_or(from_flag("--timeout", flags.timeout), limits::kEditTimeout);
  if (!timeout) return std::unexpected(timeout.error());

  StoreConfig config;
  config.location = std::move(*location);
  config.edits = {.edit_timeout = *timeout, .unconditional_writes = flags.unsafe_unconditional_writes};
  const auto ca_bundle =
      first_of({from_flag("--ca-bundle", flags.ca_bundle), from_variable(environment, "AWS_CA_BUNDLE")});
  if (ca_bundle) config.ca_bundle = ca_bundle->text;
  config.secrets.current = std::move(*secret);
  if (const std::optional<std::string> previous = environment.get("STORAGE_SECRET_PREVIOUS")) {
    config.secrets.previous = Secret(*previous);
  }
  if (flags.storage_secret) {
    config.warning =
        "--storage-secret: everybody on this machine can read the arguments of a command; use STORAGE_SECRET, "
        "STORAGE_SECRET_FILE or --storage-secret-file";
  }
  return config;
}

}  // namespace heare::app
