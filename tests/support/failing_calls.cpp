// Preloaded into the program (LD_PRELOAD), lets system calls on files below one folder go wrong. The environment says
// how:
//
//   HEARE_FAIL_BELOW  the folder; all else is left alone
//   HEARE_FAIL_HOW    kill: the process ends before the call · tear: in the middle of a write · short: half is read or
//                     written · ENOSPC: the disk is full, of a write half fits · EIO: the disk is broken
//   HEARE_FAIL_AT     which of the calls that can go wrong that way, counted from 1
//   HEARE_FAIL_ONLY   if set, this call alone; otherwise all after it as well
//   HEARE_FAIL_LOG    a file that gets a line about each call that goes wrong; where HEARE_FAIL_AT is 0, about each one
//                     that could
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// What a call does, and so how it can go wrong.
enum class Kind { looks, reads, writes, makes };

struct Plan {
  std::string below;
  std::string how;
  std::string log;
  long at = 0;
  bool only = false;
};

std::string variable(const char* name) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody changes it
  return text != nullptr ? text : "";
}

const Plan& plan() {
  static const Plan the_plan = {variable("HEARE_FAIL_BELOW"), variable("HEARE_FAIL_HOW"), variable("HEARE_FAIL_LOG"),
                                std::atol(variable("HEARE_FAIL_AT").c_str()), !variable("HEARE_FAIL_ONLY").empty()};
  return the_plan;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// None of these goes through the functions below.
void log(std::string_view call, std::string_view path) {
  const std::string line = std::string(call) + " " + std::string(path) + "\n";
  const long file = ::syscall(SYS_openat, AT_FDCWD, plan().log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::syscall(SYS_write, file, line.data(), line.size());
  ::syscall(SYS_close, file);
}

std::string path_of(int descriptor) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  std::array<char, 4096> path{};
  const long size = ::syscall(SYS_readlink, link.c_str(), path.data(), path.size());
  return {path.data(), static_cast<size_t>(std::max(size, 0L))};
}

bool can_go_wrong(Kind kind) {
  if (plan().how == "tear") return kind == Kind::writes;
  if (plan().how == "short") return kind == Kind::writes || kind == Kind::reads;
  if (plan().how == "ENOSPC") return kind == Kind::writes || kind == Kind::makes;
  return true;
}

enum class Fate { as_always, fails, is_short, is_torn };

/// Whether this call goes wrong, and how; errno is set where it fails.
Fate fate_of(const char* call, Kind kind, std::string_view path) {
  static std::atomic<long> calls = 0;
  const Plan& plan = ::plan();
  if (plan.below.empty() || !path.starts_with(plan.below) || !can_go_wrong(kind)) return Fate::as_always;
  const long number = ++calls;
  if (plan.at == 0) log(call, path);
  if (plan.at == 0 || number < plan.at || (plan.only && number > plan.at)) return Fate::as_always;
  log(call, path);
  if (plan.how == "kill") ::kill(::getpid(), SIGKILL);
  if (plan.how == "short") return Fate::is_short;
  if (plan.how == "tear") return Fate::is_torn;
  errno = plan.how == "ENOSPC" ? ENOSPC : EIO;
  return kind == Kind::writes && number == plan.at && errno == ENOSPC ? Fate::is_short : Fate::fails;
}

bool fails(const char* call, Kind kind, std::string_view path) {
  return fate_of(call, kind, path) == Fate::fails;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

Kind kind_of_open(int flags) {
  return (flags & O_CREAT) != 0 ? Kind::makes : Kind::looks;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (fails("open", kind_of_open(flags), path)) return -1;
  return real<int(const char*, int, ...)>("open")(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (fails("openat", kind_of_open(flags), path)) return -1;
  return real<int(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return fails("mkdir", Kind::makes, path) ? -1 : real<int(const char*, mode_t)>("mkdir")(path, mode);
}

int stat(const char* path, struct stat* status) noexcept {
  return fails("stat", Kind::looks, path) ? -1 : real<int(const char*, struct stat*)>("stat")(path, status);
}

int lstat(const char* path, struct stat* status) noexcept {
  return fails("lstat", Kind::looks, path) ? -1 : real<int(const char*, struct stat*)>("lstat")(path, status);
}

int fstat(int file, struct stat* status) noexcept {
  return fails("fstat", Kind::looks, path_of(file)) ? -1 : real<int(int, struct stat*)>("fstat")(file, status);
}

ssize_t pread(int file, void* bytes, size_t size, off_t offset) {
  const Fate fate = fate_of("pread", Kind::reads, path_of(file));
  if (fate == Fate::fails) return -1;
  if (fate == Fate::is_short) size -= size / 2;
  return real<ssize_t(int, void*, size_t, off_t)>("pread")(file, bytes, size, offset);
}

/// What a compiler that checks sizes makes of it.
ssize_t __pread_chk(int file, void* bytes, size_t size, off_t offset, size_t) {  // NOLINT: the name is given
  return pread(file, bytes, size, offset);
}

ssize_t write(int file, const void* bytes, size_t size) {
  const auto write_really = real<ssize_t(int, const void*, size_t)>("write");
  const Fate fate = fate_of("write", Kind::writes, path_of(file));
  if (fate == Fate::fails) return -1;
  if (fate == Fate::is_short || fate == Fate::is_torn) size -= size / 2;
  const ssize_t written = write_really(file, bytes, size);
  if (fate == Fate::is_torn) ::kill(::getpid(), SIGKILL);
  return written;
}

int fsync(int file) {
  return fails("fsync", Kind::makes, path_of(file)) ? -1 : real<int(int)>("fsync")(file);
}

int rename(const char* from, const char* to) noexcept {
  return fails("rename", Kind::makes, from) ? -1 : real<int(const char*, const char*)>("rename")(from, to);
}

int unlink(const char* path) noexcept {
  return fails("unlink", Kind::looks, path) ? -1 : real<int(const char*)>("unlink")(path);
}

int flock(int file, int operation) noexcept {
  return fails("flock", Kind::looks, path_of(file)) ? -1 : real<int(int, int)>("flock")(file, operation);
}

int fchmod(int file, mode_t mode) noexcept {
  return fails("fchmod", Kind::looks, path_of(file)) ? -1 : real<int(int, mode_t)>("fchmod")(file, mode);
}

int fchown(int file, uid_t user, gid_t group) noexcept {
  if (fails("fchown", Kind::looks, path_of(file))) return -1;
  return real<int(int, uid_t, gid_t)>("fchown")(file, user, group);
}

ssize_t readlink(const char* path, char* out, size_t size) noexcept {
  if (fails("readlink", Kind::looks, path)) return -1;
  return real<ssize_t(const char*, char*, size_t)>("readlink")(path, out, size);
}

int utimensat(int folder, const char* path, const timespec* times, int flags) noexcept {
  if (fails("utimensat", Kind::looks, path)) return -1;
  return real<int(int, const char*, const timespec*, int)>("utimensat")(folder, path, times, flags);
}

/// Closes in any case, as Linux does.
int close(int file) {
  const bool failed = fails("close", Kind::looks, path_of(file));
  const int closed = real<int(int)>("close")(file);
  if (failed) errno = EIO;
  return failed ? -1 : closed;
}

}  // extern "C"
