#include "app/report.h"

#include <fmt/format.h>

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

}  // namespace

std::string safe_message(std::string_view text) {
  return printable(without_secrets(text));
}

int report_failure(Terminal& terminal, const Error& error) {
  terminal.err(fmt::format("Error: {}\n", safe_message(error.message)));
  return error.code == ErrorCode::unknown_outcome ? kExitUnknownOutcome : kExitFailed;
}

int report_bad_option(Terminal& terminal, const Error& error) {
  report_failure(terminal, error);
  return error.code == ErrorCode::invalid ? kExitMisuse : kExitFailed;
}

void warn(Terminal& terminal, std::string_view message) {
  terminal.err(fmt::format("⚠️  Warning: {}\n", safe_message(message)));
}

}  // namespace heare::app
