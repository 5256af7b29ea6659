#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "http/message.h"

namespace heare::http {

enum class Version { http_1_0, http_1_1 };

/// A request's head in its parts: views into the bytes that it was parsed from.
struct Head {
  std::string_view method;
  std::string_view target;
  Version version;
  /// Values without white space around them. The memory is kept from one request to the next.
  std::vector<Field> fields;
};

/// So many fields a connection keeps memory for while it waits: thousands of idle ones must stay cheap.
inline constexpr size_t kIdleFieldsMax = 64;

/// Splits a request's head, one line at a time as they arrive, by the grammar of RFC 9112 and more strictly than it
/// must: no white space but the one space between the parts of the request line, none before a colon, no folded lines,
/// no other version than 1.0 or 1.1. Remembers where the parts lie, so that the bytes may move meanwhile.
class HeadParser {
 public:
  /// The next line, without its CRLF, which stands at `position` of the buffer; the first is the request line. It holds
  /// no control characters but HTAB (the LineScanner has seen to that). False where it does not follow the grammar.
  bool add(std::string_view line, size_t position);
  bool has_request_line() const { return method_.size > 0; }
  /// Sets `head` to the parts of what was added, in `buffered`.
  void view(std::string_view buffered, Head& head) const;
  void restart();

 private:
  /// A place in the buffer. Small, as a head may be thousands of tiny fields.
  struct Part {
    uint16_t begin = 0;
    uint16_t size = 0;
  };
  /// An empty line may stand before the head.
  static_assert(limits::kHeaderBytesMax + 2 <= UINT16_MAX);
  static Part part(size_t begin, size_t size) { return {static_cast<uint16_t>(begin), static_cast<uint16_t>(size)}; }
  struct FieldParts {
    Part name;
    Part value;
  };

  bool add_request_line(std::string_view line, size_t position);
  bool add_field(std::string_view line, size_t position);

  Part method_;
  Part target_;
  Version version_ = Version::http_1_1;
  std::vector<FieldParts> fields_;
};

}  // namespace heare::http
