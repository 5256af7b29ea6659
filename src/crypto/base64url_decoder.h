#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace heare::crypto {

/// Decodes url-safe base64 (RFC 4648 section 5) that arrives in pieces. Strict: padding is needed, the bits that it
/// leaves over must be zero, and no other character is skipped, save white space after the end (an editor's newline).
class Base64UrlDecoder {
 public:
  /// Appends what `text` completes to `out`. Does nothing once a fault has been met.
  void append(std::string_view text, std::string& out);

  /// True where the text up to here is well-formed and ends at the end of a group.
  bool complete() const { return !malformed_ && digits_ == 0; }
  bool malformed() const { return malformed_; }

 private:
  void take(unsigned char character, std::string& out);
  void take_digit(uint32_t value, std::string& out);
  void take_padding(std::string& out);

  /// The begun group of 4: its bits, how many digits and how many padding characters it has.
  uint32_t bits_ = 0;
  size_t digits_ = 0;
  size_t padding_ = 0;
  /// Padding or white space has been seen: nothing but white space may follow.
  bool ended_ = false;
  bool malformed_ = false;
};

}  // namespace heare::crypto
