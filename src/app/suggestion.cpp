#include "app/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace heare::app {
namespace {

/// Optimal string alignment: Levenshtein's distance in which swapping two neighbours counts as one.
size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::vector<size_t>> cost(left.size() + 1, std::vector<size_t>(right.size() + 1));
  for (size_t i = 0; i <= left.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= right.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= left.size(); ++i) {
    for (size_t j = 1; j <= right.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[left.size()][right.size()];
}

/// Longer than any name that could be meant; the distance takes time by the product of the lengths.
constexpr size_t kWordMax = 40;

}  // namespace

std::optional<std::string> suggest(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > kWordMax) return std::nullopt;
  std::optional<std::string> nearest;
  // A third of the letters may be wrong: beyond that a suggestion is a guess.
  size_t nearest_distance = word.size() / 3 + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace heare::app
