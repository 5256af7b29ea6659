#include "app/report.h"

#include <fmt/format.h>

#include "app/colour.h"

namespace heare::app {
namespace {

/// A heare-id for secrets begins so. `sec_…` with fewer characters is no secret, but a word.
constexpr std::string_view kSecretPrefix = "sec_";
constexpr size_t kSecretCharactersMin = 8;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string without_secrets(std::string_view text) {
  std::string out;
  for (size_t begin = text.find(kSecretPrefix); begin != std::string_view::npos; begin = text.find(kSecretPrefix)) {
    size_t end = begin + kSecretPrefix.size();
    while (end < text.size() && is_alphanumeric(text[end])) ++end;
    const bool secret = end - begin >= kSecretPrefix.size() + kSecretCharactersMin;
    out += text.substr(0, secret ? begin + kSecretPrefix.size() : end);
    if (secret) out += "…";
    text.remove_prefix(end);
  }
  return out.append(text);
}

/// `label`, in its colour where there are any, and the message.
void tell(Terminal& terminal, std::string_view label, Colour colour, std::string_view message) {
  const Colour shown = terminal.has_colours(Stream::errors) ? colour : Colour::none;
  terminal.err(fmt::format("{} {}\n", in_colour(label, shown), safe_message(message)));
}

}  // namespace

std::string safe_message(std::string_view text) {
  return printable(without_secrets(text));
}

void report_error(Terminal& terminal, std::string_view message) {
  tell(terminal, "Error:", Colour::red, message);
}

int report_failure(Terminal& terminal, const Error& error) {
  report_error(terminal, error.message);
  return error.code == ErrorCode::unknown_outcome ? kExitUnknownOutcome : kExitFailed;
}

int report_bad_option(Terminal& terminal, const Error& error) {
  report_failure(terminal, error);
  return error.code == ErrorCode::invalid ? kExitMisuse : kExitFailed;
}

void warn(Terminal& terminal, std::string_view message) {
  tell(terminal, "⚠️  Warning:", Colour::yellow, message);
}

}  // namespace heare::app
