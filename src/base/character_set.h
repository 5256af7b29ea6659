#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace heare {

/// Some of the 256 characters. Whether one belongs to them costs a look at a table, so it is made for what each byte of
/// a request is asked.
class CharacterSet {
 public:
  constexpr explicit CharacterSet(std::string_view characters) {
    for (const char c : characters) belongs_[static_cast<unsigned char>(c)] = true;
  }
  /// Those for which `belongs` is true.
  template <std::predicate<char> Belongs>
  constexpr explicit CharacterSet(Belongs belongs) {
    for (size_t c = 0; c < belongs_.size(); ++c) belongs_[c] = belongs(static_cast<char>(c));
  }

  constexpr bool contains(char c) const { return belongs_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> belongs_{};
};

}  // namespace heare
