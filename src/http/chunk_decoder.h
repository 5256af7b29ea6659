#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/line_scanner.h"

namespace heare::http {

/// Decodes a chunked body (RFC 9112 section 7.1) that arrives piece by piece. Strict: sizes of at most 16 digits, CRLF
/// and nothing else, extensions and trailers that follow the grammar (and are then ignored), each line bounded.
class ChunkDecoder {
 public:
  enum class Outcome { more, done, malformed, body_too_large, trailers_too_large };

  /// Makes ready for a body that begins at `position` of the text.
  void restart(size_t position, size_t body_bytes_max);

  /// Decodes what is new in `text`, which begins as it did at the call before (see `drop`), and appends it to `body`,
  /// whatever else is in there.
  Outcome decode(std::string_view text, std::string& body);

  /// All of the text before it is decoded and not needed any more; after `done`, where the next request begins.
  size_t position() const { return position_; }

  /// `count` bytes before `position` have been taken out of the text.
  void drop(size_t count);

 private:
  enum class State { size, data, data_end, trailers };

  Outcome decode_size(std::string_view text);
  Outcome decode_data(std::string_view text, std::string& body);
  Outcome decode_data_end(std::string_view text);
  Outcome decode_trailers(std::string_view text);

  State state_ = State::size;
  LineScanner lines_;
  size_t position_ = 0;
  size_t body_bytes_left_ = 0;
  size_t chunk_bytes_left_ = 0;
  size_t trailer_bytes_left_ = 0;
};

}  // namespace heare::http
