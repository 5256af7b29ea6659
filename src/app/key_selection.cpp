#include "app/key_selection.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "app/display_text.h"
#include "app/setting.h"
#include "app/terminal.h"
#include "base/time_format.h"

namespace heare::app {
namespace {

using Order = KeySelection::Order;

constexpr std::array<std::pair<std::string_view, Order>, 4> kOrders = {
    {{"name", Order::name}, {"created", Order::created}, {"expires", Order::expires}, {"id", Order::id}}};

Result<Order> read_order(const std::optional<std::string>& text) {
  if (!text) return Order::document;
  const auto* const order = std::ranges::find(kOrders, std::string_view(*text), &decltype(kOrders)::value_type::first);
  if (order != kOrders.end()) return order->second;
  return fail(ErrorCode::invalid, "--sort: not name, created, expires or id ({})", *text);
}

/// The filters of one selection.
class Filter {
 public:
  Filter(const KeySelection& selection, WallTime now)
      : selection_(selection), now_(now), match_(fold_case(printable(selection.match.value_or("")))) {}

  bool takes(const keys::ApiKey& key) const {
    const bool expired = keys::has_expired(key, now_);
    if (selection_.owner && key.owner.value_or("") != *selection_.owner) return false;
    if (selection_.expired && !expired) return false;
    if (selection_.expiring_by && (expired || !key.expires_at || *key.expires_at > *selection_.expiring_by)) {
      return false;
    }
    return match_.empty() || contains_match(key.name) || contains_match(key.id);
  }

 private:
  /// As it is shown: that is what a person has before them.
  bool contains_match(const std::string& text) const { return fold_case(printable(text)).contains(match_); }

  const KeySelection& selection_;
  const WallTime now_;
  const std::string match_;
};

/// A key's place in the order: by time, or else by text; of equal ones the first in the document goes first.
struct Place {
  WallTime time;
  std::string text;
  size_t position;
};

WallTime created_at(json::Value record) {
  const json::Value value = record.find("created_at");
  std::string scratch;
  const auto time = value && value.is_string() ? parse_iso8601(value.text(scratch)) : std::nullopt;
  return time.value_or(WallTime::max());
}

Place place_of(json::Value record, const keys::ApiKey& key, Order order, size_t position) {
  switch (order) {
    case Order::document:
      break;
    case Order::name:
      return {{}, fold_case(printable(key.name)), position};
    case Order::created:
      return {created_at(record), "", position};
    case Order::expires:
      return {key.expires_at.value_or(WallTime::max()), "", position};
    case Order::id:
      return {{}, key.id, position};
  }
  return {{}, "", position};
}

}  // namespace

Result<KeySelection> resolve_selection(const ListFlags& flags, WallTime now) {
  const Result<Order> order = read_order(flags.sort);
  if (!order) return std::unexpected(order.error());
  KeySelection selection = {.order = *order, .owner = flags.owner, .expired = flags.expired, .match = flags.match};
  if (flags.expiring_within) {
    const auto within =
        duration_or(from_flag("--expiring-within", flags.expiring_within), std::chrono::milliseconds(0));
    if (!within) return std::unexpected(within.error());
    selection.expiring_by = now + *within;
  }
  return selection;
}

void for_each_selected(const keys::KeyDocument& document, const KeySelection& selection, WallTime now,
                       const std::function<void(json::Value record, const keys::ApiKey& key)>& visit) {
  const Filter filter(selection, now);
  std::vector<Place> places;
  size_t position = 0;
  document.for_each([&](json::Value record, const keys::ApiKey& key) {
    const size_t here = position++;
    if (!filter.takes(key)) return;
    if (selection.order == Order::document) {
      visit(record, key);
    } else {
      places.push_back(place_of(record, key, selection.order, here));
    }
  });

  std::ranges::sort(places, {}, [](const Place& place) { return std::tie(place.time, place.text, place.position); });
  json::Reader reader;
  keys::RecordReader record_reader;
  keys::ApiKey key;
  for (const Place& place : places) {
    const json::Value record = *reader.read(document.record(place.position));
    (void)record_reader.read(record, key);  // it was good a moment ago
    visit(record, key);
  }
}

}  // namespace heare::app
