#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fetch/http_client.h"
#include "support/temp_dir.h"

namespace heare::fetch {
namespace {

using heare::testing::TempDir;

/// openssl(1) as a server of `localhost` whose certificate no authority of the system has signed.
class TlsServer : public ::testing::Test {
 protected:
  // NOLINTBEGIN(concurrency-mt-unsafe): there is no other thread.
  void SetUp() override {
    const std::string make_certificate = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout {}/key.pem -out {} 2>{}/log",
        folder_.path().native(), certificate(), folder_.path().native());
    if (std::system("command -v openssl >/dev/null") != 0) GTEST_SKIP() << "openssl is not installed";
    ASSERT_EQ(std::system(make_certificate.c_str()), 0);
    start();
  }
  // NOLINTEND(concurrency-mt-unsafe)
  void TearDown() override {
    if (process_ > 0) ::kill(process_, SIGTERM);
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
  }

  std::string certificate() const { return (folder_ / "certificate.pem").native(); }

  auto get(std::string_view host, ClientOptions options = {}) const {
    Request request;
    request.url = fmt::format("https://{}:{}/", host, port_);
    request.timeout = std::chrono::seconds(30);
    request.connect_timeout = request.timeout;
    return make_http_client(std::move(options))->send(request);
  }

 private:
  void start() {
    int output[2];
    ASSERT_EQ(::pipe(output), 0);
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(output[1], STDOUT_FILENO);
      const std::string key = (folder_ / "key.pem").native();
      ::execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate().c_str(),
               "-key", key.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(output[1]);
    // "ACCEPT 127.0.0.1:40123" once it listens.
    output_.reset(::fdopen(output[0], "r"));
    char line[256];
    while (port_ == 0 && std::fgets(line, sizeof line, output_.get()) != nullptr) {
      const std::string_view text(line);
      if (text.starts_with("ACCEPT ")) port_ = std::atoi(line + text.rfind(':') + 1);
    }
    ASSERT_NE(port_, 0);
  }

  TempDir folder_;
  /// Kept open: the server would end on a line that nobody reads.
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> output_{nullptr, std::fclose};
  pid_t process_ = -1;
  int port_ = 0;
};

TEST_F(TlsServer, CertificateOfAnUnknownAuthorityIsRefusedBeforeAnythingIsSent) {
  const auto response = get("localhost");
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
  EXPECT_NE(response.error().message.find("certificate"), std::string::npos) << response.error().message;
}

TEST_F(TlsServer, CertificateOfTheGivenBundleIsTaken) {
  const auto response = get("localhost", {.ca_bundle = certificate()});
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 200);
}

TEST_F(TlsServer, CertificateOfAnotherHostIsRefused) {
  const auto response = get("127.0.0.1", {.ca_bundle = certificate()});
  ASSERT_FALSE(response.has_value());
  EXPECT_TRUE(response.error().nothing_sent);
}

}  // namespace
}  // namespace heare::fetch
