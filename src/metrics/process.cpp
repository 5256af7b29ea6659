#include "metrics/process.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace heare::metrics {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// When the machine was started, in seconds since 1970 (proc(5), /proc/stat).
std::optional<uint64_t> boot_time() {
  const std::string stat = read_file("/proc/stat");
  constexpr std::string_view kLabel = "\nbtime ";
  const size_t at = stat.find(kLabel);
  return at == std::string::npos ? std::nullopt : number(std::string_view(stat).substr(at + kLabel.size()));
}

std::optional<uint64_t> count_open_descriptors() {
  struct stat folder = {};
  if (::stat("/proc/self/fd", &folder) != 0) return std::nullopt;
  // Linux 6.2 and later tell the number there, without making an entry for each.
  if (folder.st_size > 0) return static_cast<uint64_t>(folder.st_size);
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  uint64_t count = 0;
  while (!error && entry != std::filesystem::directory_iterator()) {
    ++count;
    entry.increment(error);
  }
  if (error || count == 0) return std::nullopt;
  return count - 1;  // The one that counts is open, too.
}

/// Fields of /proc/self/stat, counted as proc(5) does, from 1. The name of the program is the second.
class Stat {
 public:
  Stat() : text_(read_file("/proc/self/stat")) {
    // The name may hold anything, spaces and brackets too.
    const size_t name_end = text_.rfind(')');
    if (name_end != std::string::npos) fields_ = words(std::string_view(text_).substr(name_end + 1));
  }
  std::optional<uint64_t> field(size_t number_in_manual) const {
    constexpr size_t kFirst = 3;
    const size_t index = number_in_manual - kFirst;
    return index < fields_.size() ? number(fields_[index]) : std::nullopt;
  }

 private:
  std::string text_;
  std::vector<std::string_view> fields_;
};

double ticks_per_second() {
  return static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<double> start_time_of(const Stat& stat) {
  const auto started = stat.field(22);
  const auto booted = boot_time();
  if (!started || !booted) return std::nullopt;
  return static_cast<double>(*booted) + static_cast<double>(*started) / ticks_per_second();
}

}  // namespace

ProcessUsage read_process_usage() {
  const Stat stat;
  ProcessUsage usage;
  const auto user = stat.field(14);
  const auto system = stat.field(15);
  if (user && system) usage.cpu_seconds = static_cast<double>(*user + *system) / ticks_per_second();
  usage.threads = stat.field(20);
  // Once: it never changes, and the kernel takes its time to put /proc/stat together.
  static const std::optional<double> start_time = start_time_of(stat);
  usage.start_time_seconds = start_time;
  usage.virtual_bytes = stat.field(23);
  if (const auto pages = stat.field(24)) usage.resident_bytes = *pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  usage.open_descriptors = count_open_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.descriptors_max = limit.rlim_cur;
  return usage;
}

}  // namespace heare::metrics
