#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace heare::app {

/// One of the two streams that a command prints to.
enum class Stream { output, errors };

/// The person or script that a command talks to. Safe from any thread.
class Terminal {
 public:
  virtual ~Terminal() = default;
  /// What the command was asked for: standard output.
  virtual void out(std::string_view text) = 0;
  /// Warnings, questions, progress and errors: standard error.
  virtual void err(std::string_view text) = 0;
  /// A line of standard input, without its end; nothing at the end of the input.
  virtual std::optional<std::string> read_line() = 0;
  /// All of standard input. Errors: `unavailable`, and `invalid` where it has more than `bytes_max`.
  virtual Result<std::string> read_input(size_t bytes_max) = 0;
  /// What is on standard input, one newline at its end not being part. A person is asked for it with `prompt`, and what
  /// is typed does not show. Errors as above.
  virtual Result<Secret> read_secret(std::string_view prompt) = 0;
  /// Standard output is a screen, and no file or program.
  virtual bool shows_output() const = 0;
  /// How wide the screen is that this stream goes to; 0 where it is none, or does not tell.
  virtual size_t columns(Stream stream) const = 0;
  /// This stream goes to a screen that shows colours, and nobody has set NO_COLOR (https://no-color.org).
  virtual bool has_colours(Stream stream) const = 0;
  /// Shows `line` on standard error, in place of the last one, until something else is printed or it is empty. Only on
  /// a screen: elsewhere it does nothing.
  virtual void show_status(std::string_view line) = 0;
  /// Hands on what has been printed; an error where some of it could not be.
  virtual Result<> flush() = 0;
};

/// The process's own streams; lives as long as the program.
Terminal& process_terminal();

/// `text` with everything that could move a terminal's cursor or turn its text around made visible: control characters
/// as `\x1b`, `\n`, bidirectional controls as `\u202e`, and what is not UTF-8 as U+FFFD.
std::string printable(std::string_view text);

}  // namespace heare::app
