#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace heare::crypto {

/// SHA-256 (FIPS 180-4).
using Sha256Digest = std::array<std::byte, 32>;

/// Never fails and never allocates.
Sha256Digest sha256(std::string_view text);

/// SHA-256 of a text that arrives in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(std::string_view text);
  /// Ends the computation; nothing may follow.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA256 (RFC 2104) of a text that arrives in pieces.
class HmacSha256 {
 public:
  explicit HmacSha256(std::span<const std::byte> key);
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  ~HmacSha256();
  void update(std::span<const std::byte> bytes);
  /// Ends the computation; nothing may follow.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole in one call.
Sha256Digest hmac_sha256(std::span<const std::byte> key, std::string_view text);

/// Compares in a time that depends on the length alone.
bool equal_constant_time(const Sha256Digest& left, const Sha256Digest& right);

}  // namespace heare::crypto
