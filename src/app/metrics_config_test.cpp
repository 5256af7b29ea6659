#include "app/metrics_config.h"

#include <gtest/gtest.h>

namespace heare::app {
namespace {

Result<std::optional<Address>> listen_on(std::string text) {
  return resolve_metrics_listen(Setting{"--metrics-listen", std::move(text)});
}

TEST(MetricsListen, IsAnAddressAndAPort) {
  const auto ipv4 = listen_on("0.0.0.0:9100");
  ASSERT_TRUE(ipv4 && *ipv4);
  EXPECT_EQ((*ipv4)->host, "0.0.0.0");
  EXPECT_EQ((*ipv4)->port, 9100);
  const auto ipv6 = listen_on("[::1]:9100");
  ASSERT_TRUE(ipv6 && *ipv6);
  EXPECT_EQ((*ipv6)->host, "::1");
  EXPECT_EQ((*listen_on("localhost:0"))->host, "localhost");
}

TEST(MetricsListen, AnythingElseIsRefusedWithAnExample) {
  for (const auto* const text :
       {"9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:9100x", "::1:9100",
        "[]:9100", "[a:b:c.example]:9100", "http://a:9100", "a b:9100"}) {
    const auto refused = listen_on(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().message, "--metrics-listen: not an address and a port (" + std::string(text) +
                                           "), for example 127.0.0.1:9100 or [::]:9100");
  }
}

TEST(MetricsListen, WithoutASettingThereIsNone) {
  EXPECT_FALSE(resolve_metrics_listen(std::nullopt)->has_value());
}

Result<std::optional<metrics::StatsReceiver>> receiver_of(std::map<std::string, std::string, std::less<>> variables) {
  return resolve_stats_receiver(MapEnvironment(std::move(variables)));
}

std::string url_of(const std::string& host, const std::string& port) {
  const auto receiver = receiver_of({{"PROTOCOL", "http"}, {"DEST_HOST", host}, {"DEST_PORT", port}});
  return receiver && *receiver ? (*receiver)->url : "none";
}

TEST(StatsReceiver, IsThereWithAllThreeVariables) {
  EXPECT_EQ(url_of("stats.example", "8125"), "http://stats.example:8125/http");
  const std::map<std::string, std::string, std::less<>> all = {
      {"PROTOCOL", "http"}, {"DEST_HOST", "a"}, {"DEST_PORT", "80"}};
  for (const auto& [name, value] : all) {
    auto without = all;
    without.erase(name);
    EXPECT_FALSE(receiver_of(without)->has_value()) << name;
  }
  auto other = all;
  other["PROTOCOL"] = "udp";
  EXPECT_FALSE(receiver_of(other)->has_value());
}

TEST(StatsReceiver, PortOfHttpsMeansHttps) {
  EXPECT_EQ(url_of("stats.example", "443"), "https://stats.example:443/http");
  EXPECT_EQ(url_of("::1", "80"), "http://[::1]:80/http");
  EXPECT_EQ(url_of("[::1]", "80"), "http://[::1]:80/http");
}

TEST(StatsReceiver, SecretIsTheUser) {
  const auto receiver =
      receiver_of({{"PROTOCOL", "http"}, {"DEST_HOST", "a"}, {"DEST_PORT", "80"}, {"SECRET", "s3cret"}});
  EXPECT_EQ((*receiver)->user.reveal(), "s3cret");
}

TEST(StatsReceiver, BadHostOrPortIsRefusedByItsName) {
  const auto port = receiver_of({{"PROTOCOL", "http"}, {"DEST_HOST", "a"}, {"DEST_PORT", "eighty"}});
  EXPECT_EQ(port.error().message, "DEST_PORT: not a number from 1 to 65535 (eighty)");
  for (const std::string name : {"user:pass@a/b", "stats.example:8125"}) {
    const auto host = receiver_of({{"PROTOCOL", "http"}, {"DEST_HOST", name}, {"DEST_PORT", "80"}});
    EXPECT_EQ(host.error().message, "DEST_HOST: not the name or address of a host (" + name + ")");
  }
}

}  // namespace
}  // namespace heare::app
