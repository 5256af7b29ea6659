#include "http/input_buffer.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace heare::http {
namespace {

constexpr size_t kLarge = 100'000;

/// Bytes of which each part differs from its neighbours.
std::string some_bytes(size_t count) {
  std::string bytes;
  for (size_t n = 0; bytes.size() < count; ++n) bytes += std::to_string(n) + ' ';
  bytes.resize(count);
  return bytes;
}

/// Puts all of `bytes` in, as much as there is room for at a time.
void fill(InputBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = buffer.prepare();
    const auto part = bytes.substr(0, room.size());
    std::ranges::copy(part, room.begin());
    buffer.commit(part.size());
    bytes.remove_prefix(part.size());
  }
}

TEST(InputBuffer, HoldsWhatIsPutInWhateverItsSize) {
  InputBuffer buffer;
  const std::string bytes = some_bytes(kLarge);
  fill(buffer, bytes);
  EXPECT_EQ(buffer.view(), bytes);
}

TEST(InputBuffer, KeepsTheRestOfWhatIsUsedUpPieceByPiece) {
  InputBuffer buffer;
  const std::string bytes = some_bytes(kLarge);
  std::string got;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto part = rest.substr(0, 700);
    fill(buffer, part);
    rest.remove_prefix(part.size());
    // Less than there is, so that bytes always move along with the room.
    const auto used = buffer.view().substr(0, part.size() - 1);
    got += used;
    buffer.consume(used.size());
  }
  EXPECT_EQ(got + std::string(buffer.view()), bytes);
}

TEST(InputBuffer, DroppedBytesAreGoneAndTheirNeighboursStay) {
  InputBuffer buffer;
  fill(buffer, "head1234tail");
  buffer.drop(4, 4);
  EXPECT_EQ(buffer.view(), "headtail");
  buffer.consume(2);
  buffer.drop(2, 4);
  EXPECT_EQ(buffer.view(), "ad");
}

TEST(InputBuffer, GivesBackWhatALargeRequestHasNeeded) {
  InputBuffer buffer;
  const size_t at_first = buffer.prepare().size();
  fill(buffer, some_bytes(kLarge));
  buffer.consume(kLarge);
  EXPECT_EQ(buffer.prepare().size(), at_first);
}

TEST(InputBuffer, ClearedItHoldsNothing) {
  InputBuffer buffer;
  fill(buffer, some_bytes(kLarge));
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  fill(buffer, "next");
  EXPECT_EQ(buffer.view(), "next");
}

}  // namespace
}  // namespace heare::http
