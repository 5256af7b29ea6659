// Arbitrary bytes as the configuration file: what is accepted names nothing but what there is, and an error says where.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/config_file.h"
#include "support.h"

namespace {

using heare::fuzz::require;

constexpr std::string_view kPath = "/home/ann/.heare-auth.toml";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = heare::app::parse_config_file(heare::fuzz::text_of(data, size), std::string(kPath));
  if (!file) {
    require(file.error().code == heare::ErrorCode::invalid);
    require(file.error().message.starts_with(kPath));
    return 0;
  }
  require(file->path == kPath);
  for (const std::optional<std::string>* value :
       {&file->s3_bucket, &file->s3_key, &file->s3_region, &file->endpoint_url, &file->store, &file->refresh_url,
        &file->storage_secret_file}) {
    require(!*value || !(*value)->empty());
  }
  return 0;
}
