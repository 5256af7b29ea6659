#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/splitter.h"

namespace heare::keys {

/// Replacements of parts of a text, carried out in one pass: whatever they do not name stays byte for byte.
class Splices {
 public:
  /// In any order; spans must not overlap. An empty span inserts.
  void replace(json::Span span, std::string text) { splices_.emplace_back(span, std::move(text)); }
  std::string apply(std::string_view text);

 private:
  std::vector<std::pair<json::Span, std::string>> splices_;
};

/// Adds to `splices` the removal of some items of a JSON list (elements or members, `items` in order, separated by
/// commas), each with one comma and the white space beside it; at least one item must stay.
void remove_items(Splices& splices, std::span<const json::Span> items, const std::vector<bool>& removed);

}  // namespace heare::keys
