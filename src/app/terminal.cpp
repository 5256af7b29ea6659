#include "app/terminal.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <sys/ioctl.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "app/display_text.h"
#include "app/environment.h"
#include "app/input_file.h"
#include "base/limits.h"
#include "base/text.h"

namespace heare::app {
namespace {

/// What a line that is typed at a terminal can have at most (N_TTY_BUF_SIZE).
constexpr size_t kAnswerBytesMax = 4096;

constexpr const char* kInputName = "standard input";

/// While it lives, what is typed does not show. A signal that ends the program then, as Ctrl-C does, leaves the
/// terminal as it was, and Ctrl-Z is ignored. There is one at a time, as there is one terminal.
class Unseen {
 public:
  Unseen() : changed_(::tcgetattr(STDIN_FILENO, &shown) == 0) {
    if (!changed_) return;
    for (Kept& kept : all_kept) take(kept);
    termios unseen = shown;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  }
  ~Unseen() {
    if (changed_) put_back();
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  struct Kept {
    int number;
    struct sigaction before;
  };

  static void take(Kept& kept) {
    struct sigaction action{};
    action.sa_handler = kept.number == SIGTSTP ? SIG_IGN : show_and_end;
    ::sigaction(kept.number, nullptr, &kept.before);
    // As under nohup: what whoever started the program has ignored stays so.
    if (kept.before.sa_handler != SIG_IGN) ::sigaction(kept.number, &action, nullptr);
  }

  static void put_back() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    for (const Kept& kept : all_kept) ::sigaction(kept.number, &kept.before, nullptr);
  }

  /// Calls only what a signal handler may call (signal-safety(7)).
  static void show_and_end(int number) {
    put_back();
    [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, "\n", 1);
    ::raise(number);  // taken once this has returned
  }

  static inline termios shown{};
  static inline std::array<Kept, 5> all_kept = {
      {{SIGHUP, {}}, {SIGINT, {}}, {SIGQUIT, {}}, {SIGTERM, {}}, {SIGTSTP, {}}}};
  bool changed_;
};

class ProcessTerminal final : public Terminal {
 public:
  void out(std::string_view text) override {
    clear_status();
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) note_failure();
  }

  void err(std::string_view text) override {
    clear_status();
    print_error(text);
  }

  void show_status(std::string_view line) override {
    if (!can_move_cursor(STDERR_FILENO)) return;
    clear_status();
    if (line.empty()) return;
    // From the first column on, and without a line end: what comes next takes its place.
    print_error(line);
    status_shown_ = true;
  }

  size_t columns(Stream stream) const override {
    winsize size{};
    const bool told = ::ioctl(descriptor_of(stream), TIOCGWINSZ, &size) == 0;
    return told ? size.ws_col : 0;
  }

  bool has_colours(Stream stream) const override {
    return can_move_cursor(descriptor_of(stream)) && !process_environment().get("NO_COLOR");
  }

  std::optional<std::string> read_line() override {
    std::string line;
    int c = 0;
    while ((c = std::fgetc(stdin)) != EOF && c != '\n') {
      if (line.size() < kAnswerBytesMax) line.push_back(static_cast<char>(c));
    }
    if (c == EOF && line.empty()) return std::nullopt;
    return line;
  }

  Result<std::string> read_input(size_t bytes_max) override { return read_to_end(STDIN_FILENO, kInputName, bytes_max); }

  Result<Secret> read_secret(std::string_view prompt) override {
    // What a request may hold: no secret that verifies is longer.
    constexpr size_t kSecretBytesMax = limits::kBodyBytesMax;
    Result<std::string> text = ::isatty(STDIN_FILENO) == 1 ? ask_unseen(prompt) : read_input(kSecretBytesMax);
    if (!text) return std::unexpected(text.error());
    if (text->ends_with('\n')) text->pop_back();
    return Secret::take(*text);
  }

  bool shows_output() const override { return ::isatty(STDOUT_FILENO) == 1; }

  Result<> flush() override {
    if (std::fflush(stdout) != 0) note_failure();
    const int error = failure_;
    if (error == 0) return {};
    return fail(ErrorCode::unavailable, "writing to standard output: {}", std::generic_category().message(error));
  }

 private:
  static int descriptor_of(Stream stream) { return stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO; }

  /// A screen that knows escape sequences.
  static bool can_move_cursor(int descriptor) {
    return ::isatty(descriptor) == 1 && process_environment().get("TERM").value_or("dumb") != "dumb";
  }

  void clear_status() {
    constexpr std::string_view kClearLine = "\r\x1b[K";
    if (status_shown_.exchange(false)) print_error(kClearLine);
  }

  void print_error(std::string_view text) {
    // In the order in which things happened, also where both streams are one terminal.
    if (std::fflush(stdout) != 0) note_failure();
    // Where even this fails there is nobody left to tell.
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
  }

  Result<std::string> ask_unseen(std::string_view prompt) {
    // In this order: what is typed before it is hidden is dropped.
    const Unseen unseen;
    err(prompt);
    std::string line = read_line().value_or("");
    err("\n");
    return line;
  }

  /// Keeps the first cause: what follows it tells less.
  void note_failure() {
    int none = 0;
    failure_.compare_exchange_strong(none, errno);
  }

  std::atomic<int> failure_ = 0;
  std::atomic<bool> status_shown_ = false;
};

/// C0, DEL and C1 controls; Unicode's line separators; its bidirectional controls, which can make a name look like
/// another (UTR 36).
bool is_harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F || c == 0x2028 ||
         c == 0x2029 || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void append_escaped(std::string& out, char32_t c) {
  switch (c) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += c < 0x100 ? fmt::format("\\x{:02x}", static_cast<uint32_t>(c))
                       : fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
  }
}

}  // namespace

Terminal& process_terminal() {
  static ProcessTerminal terminal;
  return terminal;
}

std::string printable(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string out;
  while (!text.empty()) {
    const size_t size = utf8_sequence_length(text);
    if (size == 0) {
      out += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    const std::string_view sequence = text.substr(0, size);
    const char32_t c = code_point(sequence);
    if (is_harmful(c)) {
      append_escaped(out, c);
    } else {
      out += sequence;
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace heare::app
