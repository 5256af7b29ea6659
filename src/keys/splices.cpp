#include "keys/splices.h"

#include <algorithm>

namespace heare::keys {

void Splices::apply(std::string& text) {
  // An insertion goes before what is replaced from there on.
  std::ranges::sort(splices_, {}, [](const Splice& splice) { return std::pair(splice.span.begin, splice.span.end); });
  uint64_t moves = 0;
  for (Splice& splice : splices_) splice.moves = moves += splice.text.size() - splice.span.size();
  if (splices_.size() == 1) {
    const Splice& splice = splices_.front();
    text.replace(splice.span.begin, splice.span.size(), splice.text);
    return;
  }
  std::string result;
  result.reserve(text.size() + moves);
  size_t position = 0;
  for (const Splice& splice : splices_) {
    result.append(text, position, splice.span.begin - position);
    result += splice.text;
    position = splice.span.end;
  }
  result.append(text, position);
  text = std::move(result);
}

std::string Splices::applied_to(std::string_view text) {
  std::string result(text);
  apply(result);
  return result;
}

uint64_t Splices::moved(uint64_t offset) const {
  const auto leaves = [](uint64_t place, const Splice& splice) {
    return place < splice.span.end || (place == splice.span.end && splice.span.size() == 0);
  };
  const auto next = std::upper_bound(splices_.begin(), splices_.end(), offset, leaves);
  return next == splices_.begin() ? offset : offset + std::prev(next)->moves;
}

void remove_items(Splices& splices, std::span<const json::Span> items, const std::vector<bool>& removed) {
  bool one_stays = false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!removed[i]) {
      one_stays = true;
    } else if (one_stays) {
      splices.replace({items[i - 1].end, items[i].end}, "");
    } else {
      splices.replace({items[i].begin, items[i + 1].begin}, "");
    }
  }
}

}  // namespace heare::keys
