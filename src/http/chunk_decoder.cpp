#include "http/chunk_decoder.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace heare::http {
namespace {

/// A size, and room for an extension that nobody uses (RFC 9112 section 7.1.1 asks for a bound).
constexpr size_t kSizeLineBytesMax = 256;
/// All of them together; they are ignored.
constexpr size_t kTrailerBytesMax = size_t{8} * 1024;
/// As many as a 64-bit size can need.
constexpr size_t kSizeDigitsMax = 16;

void skip_white_space(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool skip_character(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool skip_token(std::string_view& text) {
  const size_t length = token_size(text);
  text.remove_prefix(length);
  return length > 0;
}

bool skip_quoted_string(std::string_view& text) {
  if (!skip_character(text, '"')) return false;
  while (!text.empty()) {
    if (skip_character(text, '"')) return true;
    const bool escaped = skip_character(text, '\\');
    if (escaped && text.empty()) return false;
    text.remove_prefix(1);
  }
  return false;
}

/// `*( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )`
bool are_extensions(std::string_view text) {
  while (!text.empty()) {
    skip_white_space(text);
    if (!skip_character(text, ';')) return false;
    skip_white_space(text);
    if (!skip_token(text)) return false;
    auto value = text;
    skip_white_space(value);
    if (!skip_character(value, '=')) continue;
    skip_white_space(value);
    if (!skip_token(value) && !skip_quoted_string(value)) return false;
    text = value;
  }
  return true;
}

std::optional<uint64_t> parse_size_line(std::string_view line) {
  const size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  if (digits == 0 || digits > kSizeDigitsMax || !are_extensions(line.substr(digits))) return std::nullopt;
  uint64_t size = 0;
  std::from_chars(line.begin(), line.begin() + digits, size, 16);
  return size;
}

}  // namespace

void ChunkDecoder::restart(size_t position, size_t body_bytes_max) {
  state_ = State::size;
  lines_.restart(position);
  position_ = position;
  body_bytes_left_ = body_bytes_max;
  trailer_bytes_left_ = kTrailerBytesMax;
}

ChunkDecoder::Outcome ChunkDecoder::decode(std::string_view text, std::string& body) {
  while (true) {
    const State before = state_;
    Outcome outcome = Outcome::more;
    switch (state_) {
      case State::size:
        outcome = decode_size(text);
        break;
      case State::data:
        outcome = decode_data(text, body);
        break;
      case State::data_end:
        outcome = decode_data_end(text);
        break;
      case State::trailers:
        outcome = decode_trailers(text);
        break;
    }
    if (outcome != Outcome::more || state_ == before) return outcome;
  }
}

void ChunkDecoder::drop(size_t count) {
  position_ -= count;
  lines_.drop(count);
}

ChunkDecoder::Outcome ChunkDecoder::decode_size(std::string_view text) {
  const size_t end = position_ + kSizeLineBytesMax;
  const auto [found, line] = lines_.next(text, end);
  if (found == LineScanner::Outcome::bad) return Outcome::malformed;
  if (found == LineScanner::Outcome::more) return text.size() < end ? Outcome::more : Outcome::malformed;

  const auto size = parse_size_line(line);
  if (!size) return Outcome::malformed;
  if (*size > body_bytes_left_) return Outcome::body_too_large;
  body_bytes_left_ -= *size;
  position_ = lines_.position();
  chunk_bytes_left_ = *size;
  state_ = *size == 0 ? State::trailers : State::data;
  return Outcome::more;
}

ChunkDecoder::Outcome ChunkDecoder::decode_data(std::string_view text, std::string& body) {
  const auto piece = text.substr(position_, chunk_bytes_left_);
  body += piece;
  position_ += piece.size();
  lines_.restart(position_);
  chunk_bytes_left_ -= piece.size();
  if (chunk_bytes_left_ == 0) state_ = State::data_end;
  return Outcome::more;
}

ChunkDecoder::Outcome ChunkDecoder::decode_data_end(std::string_view text) {
  constexpr std::string_view kEnd = "\r\n";
  const auto piece = text.substr(position_, kEnd.size());
  if (!kEnd.starts_with(piece)) return Outcome::malformed;
  if (piece.size() < kEnd.size()) return Outcome::more;
  position_ += kEnd.size();
  lines_.restart(position_);
  state_ = State::size;
  return Outcome::more;
}

ChunkDecoder::Outcome ChunkDecoder::decode_trailers(std::string_view text) {
  while (true) {
    const size_t end = position_ + trailer_bytes_left_;
    const auto [found, line] = lines_.next(text, end);
    if (found == LineScanner::Outcome::bad) return Outcome::malformed;
    if (found == LineScanner::Outcome::more) return text.size() < end ? Outcome::more : Outcome::trailers_too_large;
    trailer_bytes_left_ -= lines_.position() - position_;
    position_ = lines_.position();
    if (line.empty()) return Outcome::done;
    if (field_name_size(line) == 0) return Outcome::malformed;
  }
}

}  // namespace heare::http
