#include "fetch/url.h"

#include <gtest/gtest.h>

namespace heare::fetch {
namespace {

TEST(Url, IsShownWithoutWhatMayBeSecret) {
  EXPECT_EQ(parse_url("https://user:pass@bucket.example:9000/a/keys.json?token=x#y")->shown,
            "https://bucket.example:9000/a/keys.json");
  EXPECT_EQ(parse_url("http://localhost")->shown, "http://localhost/");
}

TEST(Url, OnlyHttpAndHttpsAreTaken) {
  for (const auto* text : {"ftp://x/", "file:///x", "localhost:8080/refresh", "", "http://", "http://x:99999/"}) {
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  }
}

TEST(Url, ThisMachineAndLinkLocalAddressesAreNear) {
  for (const auto* text :
       {"http://localhost:8080/", "http://LOCALHOST/", "http://127.0.0.1/", "http://127.8.8.8/", "http://[::1]:80/",
        "http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://[fd00:ec2::23]/v1", "http://127.1/"}) {
    EXPECT_TRUE(parse_url(text)->is_near) << text;
  }
  for (const auto* text : {"http://s3.amazonaws.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/",
                           "http://[2001:db8::1]/", "http://localhost.example.com/"}) {
    EXPECT_FALSE(parse_url(text)->is_near) << text;
  }
}

}  // namespace
}  // namespace heare::fetch
