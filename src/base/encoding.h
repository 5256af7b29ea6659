#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heare {

/// Lower-case hexadecimal.
std::string to_hex(std::span<const std::byte> bytes);
/// Fills `out` from exactly twice as many lower-case hexadecimal digits; false where `text` is anything else.
bool from_lower_hex(std::string_view text, std::span<std::byte> out);

/// RFC 4648 section 4, with padding.
std::string to_base64(std::span<const std::byte> bytes);
/// RFC 4648 section 5, with padding: the alphabet of Fernet.
std::string to_base64url(std::span<const std::byte> bytes);
/// Reads RFC 4648 base64, standard or url-safe alphabet (not both in one text), padded or not. Nothing where it is
/// neither, has stray bits at its end or any other character.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace heare
