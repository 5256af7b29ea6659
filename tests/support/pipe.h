#pragma once

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace heare::testing {

/// A pipe(2), closed at the end.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read() { close_end(ends_[0]); }
  void close_write() { close_end(ends_[1]); }

  /// What comes until the last writer has closed; closes this writing end first.
  std::string read_all() {
    close_write();
    std::string all;
    std::array<char, 65'536> buffer{};
    for (;;) {
      const ssize_t got = read(read_end(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return all;
      all.append(buffer.data(), static_cast<size_t>(got));
    }
  }

 private:
  static void close_end(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }

  std::array<int, 2> ends_ = {-1, -1};
};

/// Reads a pipe to its end in a thread of its own, for writers that need a reader to go on.
class Drain {
 public:
  explicit Drain(Pipe& pipe) : thread_([this, &pipe] { text_ = pipe.read_all(); }) {}
  ~Drain() {
    if (thread_.joinable()) thread_.join();
  }
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  /// Waits for the end.
  const std::string& text() {
    if (thread_.joinable()) thread_.join();
    return text_;
  }

 private:
  std::string text_;
  std::thread thread_;
};

}  // namespace heare::testing
