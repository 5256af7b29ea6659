#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "json/reader.h"

namespace heare::app {

/// A member that a command adds to a record; `json` is valid JSON.
struct ExtraMember {
  std::string_view name;
  std::string json;
};

/// Lays records out as JSON for standard output: every field but the secret and the digests, the last where a name is
/// given twice, in RFC 8259 whatever Python has let in. Keeps its memory from one record to the next.
class RecordPrinter {
 public:
  /// Appends `record` and then `extra`, laid out as `json.dumps(indent=2)` does at this depth.
  void append(std::string& out, json::Value record, size_t indent, std::span<const ExtraMember> extra = {});

 private:
  json::Reader reader_;
  std::string compact_;
  std::string scratch_;
};

}  // namespace heare::app
