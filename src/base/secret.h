#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace heare {

/// A text that must not leak: wiped when destroyed, never printable (no operator<<, no formatter), and readable only
/// through `reveal`, so that a search for that word finds every use.
class Secret {
 public:
  Secret() = default;
  /// Takes a copy and leaves the caller's text alone.
  explicit Secret(std::string_view text);
  /// Takes a copy and wipes `text`.
  static Secret take(std::string& text);

  Secret(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  /// Valid as long as this object is, unchanged.
  std::string_view reveal() const { return {bytes_.get(), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
};

/// Overwrites all of `text`'s memory, in a way that the compiler keeps, and empties it.
void wipe(std::string& text);

}  // namespace heare
