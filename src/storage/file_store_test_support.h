#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "storage/object_store.h"
#include "support/temp_dir.h"

namespace heare::storage {

namespace fs = std::filesystem;
using heare::testing::TempDir;

inline constexpr size_t kLargeBytes = size_t{4} * 1024 * 1024;

inline std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_in_place(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline Result<PutOutcome> put(ObjectStore& store, std::string_view bytes,
                              const Precondition& precondition = Unconditional{}) {
  return store.put({.bytes = bytes, .content_type = "application/json"}, precondition);
}

inline Error error_of_put(ObjectStore& store, const Precondition& precondition = Unconditional{}) {
  const auto outcome = put(store, "new", precondition);
  if (outcome) return {ErrorCode::unknown_outcome, "it was written"};
  return outcome.error();
}

inline Error error_of_get(ObjectStore& store) {
  StringSink sink;
  const auto outcome = store.get(std::nullopt, sink);
  if (outcome) return {ErrorCode::unknown_outcome, "it was read"};
  return outcome.error();
}

inline EntityTag read_tag(ObjectStore& store) {
  StringSink sink;
  return std::get<Read>(store.get(std::nullopt, sink).value()).tag;
}

}  // namespace heare::storage
