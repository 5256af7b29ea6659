#include "http/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace heare::http {
namespace {

/// A verification through a proxy fits; ten thousand idle connections cost 40 MB.
constexpr size_t kInitialBytes = 4096;
/// What an idle connection may keep.
constexpr size_t kKeptBytes = 8192;
/// With less room than this, bytes are moved to the front before the next read.
constexpr size_t kRoomBytesMin = 1024;

}  // namespace

InputBuffer::InputBuffer() : bytes_(std::make_unique_for_overwrite<char[]>(kInitialBytes)), capacity_(kInitialBytes) {}

std::span<char> InputBuffer::prepare() {
  if (empty()) clear();
  const size_t used = end_ - begin_;
  if (capacity_ - end_ < kRoomBytesMin) {
    const size_t room_in_front = capacity_ - used;
    move_to(room_in_front >= kRoomBytesMin ? capacity_ : capacity_ * 2);
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

void InputBuffer::consume(size_t count) {
  begin_ += count;
  if (empty()) begin_ = end_ = 0;
}

void InputBuffer::drop(size_t position, size_t count) {
  char* const hole = bytes_.get() + begin_ + position;
  std::memmove(hole, hole + count, end_ - begin_ - position - count);
  end_ -= count;
}

void InputBuffer::clear() {
  begin_ = end_ = 0;
  if (capacity_ > kKeptBytes) move_to(kInitialBytes);
}

void InputBuffer::move_to(size_t capacity) {
  const size_t used = end_ - begin_;
  if (capacity == capacity_) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, used);
  } else {
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(bytes.get(), bytes_.get() + begin_, used);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = used;
}

}  // namespace heare::http
