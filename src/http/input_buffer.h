#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace heare::http {

/// The bytes of a connection that have arrived and are not yet used up, in one piece. Small at first; grows by doubling
/// while a request needs it (the RequestReader bounds how much one can), and shrinks again.
class InputBuffer {
 public:
  InputBuffer();

  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  /// Room for at least one byte more; moves what is there where it must.
  std::span<char> prepare();
  /// So many bytes of the room have been filled.
  void commit(size_t count) { end_ += count; }
  /// The first `count` bytes are used up.
  void consume(size_t count);
  /// Takes `count` bytes out at `position` of the view.
  void drop(size_t position, size_t count);
  /// Forgets everything, and gives back what a large request has needed.
  void clear();

 private:
  void move_to(size_t capacity);

  std::unique_ptr<char[]> bytes_;
  size_t capacity_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace heare::http
