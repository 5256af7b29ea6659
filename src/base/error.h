#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace heare {

/// What a caller can do about a failure; the message says what happened.
enum class ErrorCode {
  not_found,        ///< the thing asked for is not there
  invalid,          ///< the input is wrong; the same call will fail again
  unauthorized,     ///< the credentials do not allow it
  conflict,         ///< somebody else changed it meanwhile; read again
  unavailable,      ///< may pass: try again later
  corrupt,          ///< what is stored cannot be read
  unknown_outcome,  ///< it was sent, and whether it took effect cannot be told
};

/// A failure, worded "what was being done: problem (value), bound or remedy". Never holds a secret.
struct Error {
  ErrorCode code;
  std::string message;
};

/// What functions below `app` return instead of throwing.
template <class T = void>
using Result = std::expected<T, Error>;

/// Makes the error alternative of a Result: `return fail(ErrorCode::invalid, "--port: not a number ({})", text);`
template <class... Args>
std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

/// Hands `error` on with what was being done in front: "reading /etc/x: permission denied".
inline std::unexpected<Error> fail_in(std::string_view context, Error error) {
  error.message = fmt::format("{}: {}", context, error.message);
  return std::unexpected(std::move(error));
}

}  // namespace heare
