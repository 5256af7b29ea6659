#include "base/secret.h"

#include <algorithm>
#include <string.h>
#include <utility>

namespace heare {

Secret::Secret(std::string_view text) : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
  std::ranges::copy(text, bytes_.get());
}

Secret Secret::take(std::string& text) {
  Secret secret(text);
  wipe(text);
  return secret;
}

Secret::Secret(const Secret& other) : Secret(other.reveal()) {}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, size_t{0})) {}

Secret& Secret::operator=(Secret other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (bytes_) explicit_bzero(bytes_.get(), size_);
}

void wipe(std::string& text) {
  // A longer text may have been there before: its end lies behind the size.
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace heare
