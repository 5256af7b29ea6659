#include "keys/splices.h"

#include <algorithm>

namespace heare::keys {

std::string Splices::apply(std::string_view text) {
  std::ranges::sort(splices_, {}, [](const auto& splice) { return splice.first.begin; });
  size_t size = text.size();
  for (const auto& [span, replacement] : splices_) size += replacement.size();
  std::string result;
  result.reserve(size);
  size_t position = 0;
  for (const auto& [span, replacement] : splices_) {
    result += text.substr(position, span.begin - position);
    result += replacement;
    position = span.end;
  }
  result += text.substr(position);
  return result;
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
