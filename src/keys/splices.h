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
  void replace(json::Span span, std::string text) { splices_.push_back({span, std::move(text)}); }
  /// In place where there is but one, and `text` has room for what it adds.
  void apply(std::string& text);
  /// The same on a copy.
  std::string applied_to(std::string_view text);
  /// After `apply`: where that place of the text before is now. What an empty span inserts stands behind its place.
  uint64_t moved(uint64_t offset) const;

 private:
  struct Splice {
    json::Span span;
    std::string text;
    /// By how much this and those before it move what follows.
    uint64_t moves = 0;
  };
  std::vector<Splice> splices_;
};

/// Adds to `splices` the removal of some items of a JSON list (elements or members, `items` in order, separated by
/// commas), each with one comma and the white space beside it; at least one item must stay.
void remove_items(Splices& splices, std::span<const json::Span> items, const std::vector<bool>& removed);

}  // namespace heare::keys
