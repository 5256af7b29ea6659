#include "app/colour.h"

#include <algorithm>

#include <fmt/format.h>

namespace heare::app {
namespace {

struct Mark {
  std::string_view text;
  Colour colour;
};

constexpr Mark kMarks[] = {
    {"✓", Colour::green},
    {"✗", Colour::red},
    {"⚠️", Colour::yellow},
    {"!", Colour::yellow},
};

std::string with_coloured_mark(std::string_view line) {
  for (const Mark& mark : kMarks) {
    if (!line.starts_with(mark.text)) continue;
    return in_colour(mark.text, mark.colour).append(line.substr(mark.text.size()));
  }
  return std::string(line);
}

}  // namespace

std::string in_colour(std::string_view text, Colour colour) {
  // ECMA-48, SGR: the eight colours that a person's own scheme decides.
  switch (colour) {
    case Colour::none:
      break;
    case Colour::red:
      return fmt::format("\x1b[31m{}\x1b[0m", text);
    case Colour::yellow:
      return fmt::format("\x1b[33m{}\x1b[0m", text);
    case Colour::green:
      return fmt::format("\x1b[32m{}\x1b[0m", text);
  }
  return std::string(text);
}

Colour colour_of_status(std::string_view status) {
  if (status == "expired") return Colour::red;
  return status == "disabled" ? Colour::yellow : Colour::none;
}

void print_marked(Terminal& terminal, std::string_view lines) {
  if (!terminal.has_colours(Stream::output)) {
    terminal.out(lines);
    return;
  }
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, std::min(lines.find('\n'), lines.size() - 1) + 1);
    terminal.out(with_coloured_mark(line));
    lines.remove_prefix(line.size());
  }
}

}  // namespace heare::app
