#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config_file.h"
#include "app/environment.h"
#include "app/terminal.h"
#include "app/world.h"
#include "fetch/http_client.h"
#include "support/fake_clock.h"
#include "support/sequence_random.h"
#include "support/temp_dir.h"

namespace heare::app {

/// Keeps what is printed, and types the lines it was given; other input is `input`.
class FakeTerminal final : public Terminal {
 public:
  void out(std::string_view text) override { printed += text; }
  void err(std::string_view text) override { told += text; }
  std::optional<std::string> read_line() override {
    if (typed.empty()) return std::nullopt;
    std::string line = typed.front();
    typed.pop_front();
    return line;
  }
  Result<std::string> read_input(size_t) override { return input; }
  Result<Secret> read_secret(std::string_view) override { return Secret(input); }
  bool shows_output() const override { return is_screen; }
  size_t columns(Stream) const override { return width; }
  bool has_colours(Stream) const override { return colours; }
  void show_status(std::string_view line) override { statuses.emplace_back(line); }
  Result<> flush() override {
    return fails ? fail(ErrorCode::unavailable, "writing to standard output: full") : Result<>();
  }

  std::string printed;
  std::string told;
  std::deque<std::string> typed;
  std::string input;
  bool is_screen = false;
  size_t width = 0;
  bool colours = false;
  /// What is printed cannot be written.
  bool fails = false;
  /// Every status that was shown; an empty one cleared the line.
  std::vector<std::string> statuses;
};

/// What a service answers to every call; records the calls.
struct FakeService {
  std::expected<fetch::Response, fetch::Failure> answer;
  std::vector<std::string> calls;
  std::function<void()> on_call = [] {};

  void answer_with(int status, std::string body) { answer = fetch::Response{status, {}, std::move(body)}; }
};

class FakeHttpClient final : public fetch::HttpClient {
 public:
  explicit FakeHttpClient(FakeService& service) : service_(service) {}
  std::expected<fetch::Response, fetch::Failure> send(const fetch::Request& request, const BodySink&) override {
    service_.calls.push_back(request.method + " " + request.url);
    service_.on_call();
    return service_.answer;
  }

 private:
  FakeService& service_;
};

/// A home of its own with an embedded store, and a service that says that it has loaded five keys.
struct TestWorld {
  TestWorld() { service.answer_with(200, R"({"success":true,"keys_loaded":5,"timestamp":"t"})"); }

  heare::testing::TempDir home;
  MapEnvironment environment{{{"HOME", home.path().string()}}};
  ConfigFile config_file;
  FakeTerminal terminal;
  heare::testing::FakeClock clock;
  heare::testing::SequenceRandom random;
  FakeService service;
  World world{environment, config_file, terminal,
              clock,       random,      [this] { return std::make_unique<FakeHttpClient>(service); }};
};

}  // namespace heare::app
