#include "http/client_address.h"

#include <gtest/gtest.h>

namespace heare::http {
namespace {

TEST(ClientAddress, LoopbackInEverySpellingIsLoopback) {
  for (const std::string_view text :
       {"127.0.0.1", "127.0.0.1:8080", "127.255.255.254", "\"127.0.0.1\"", "\"127.0.0.1:80\"", "[127.0.0.1]:80", "::1",
        "[::1]", "[::1]:8080", "\"[::1]\"", "\"[::1]:8080\"", "0:0:0:0:0:0:0:1",
        "0000:0000:0000:0000:0000:0000:0000:0001", "::ffff:127.0.0.1", "::FFFF:127.8.9.10", "::ffff:7f00:1",
        "0:0:0:0:0:ffff:127.0.0.1", "[::ffff:127.0.0.1]:80"}) {
    EXPECT_TRUE(is_loopback_address(text)) << text;
  }
}

TEST(ClientAddress, OtherAddressesAreNot) {
  for (const std::string_view text :
       {"10.0.0.1", "128.0.0.1", "0.0.0.0", "126.255.255.255", "::", "::2", "::1:8080", "fe80::1", "::ffff:10.0.0.1",
        "::127.0.0.1", "[2001:db8::1]:80", "1.127.0.0:127", "64:ff9b::7f00:1"}) {
    EXPECT_FALSE(is_loopback_address(text)) << text;
  }
}

TEST(ClientAddress, WhatIsNoAddressIsNot) {
  for (const std::string_view text : {"",
                                      " ",
                                      "unknown",
                                      "localhost",
                                      "_hidden",
                                      "127.0.0.1.example",
                                      "127.0.0.1:",
                                      "127.0.0.1:port",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1 ",
                                      "127.1",
                                      "127.0.0.01",
                                      "0x7f.0.0.1",
                                      "2130706433",
                                      "127.0.0",
                                      "127.0.0.1/8",
                                      "[::1",
                                      "::1]",
                                      "[::1]x",
                                      "[::1]80",
                                      "[]",
                                      "[localhost]",
                                      "\"127.0.0.1",
                                      "127.0.0.1\"",
                                      "\"",
                                      "\"\"",
                                      "::1%lo",
                                      "[::1%25lo]",
                                      "[[::1]]",
                                      "127.0.0.1,127.0.0.1"}) {
    EXPECT_FALSE(is_loopback_address(text)) << text;
  }
  EXPECT_FALSE(is_loopback_address(std::string_view("127.0.0.1\0", 10)));
  EXPECT_FALSE(is_loopback_address(std::string(1000, '1')));
}

TEST(ClientAddress, EveryElementOfAListMustBeLoopback) {
  EXPECT_TRUE(all_loopback("127.0.0.1"));
  EXPECT_TRUE(all_loopback("127.0.0.1, ::1,127.0.0.2:80 ,\t[::1]"));
  for (const std::string_view list : {"127.0.0.1, 10.0.0.1", "10.0.0.1, 127.0.0.1", "127.0.0.1,,127.0.0.1",
                                      "127.0.0.1,", ",127.0.0.1", ",", "127.0.0.1 127.0.0.1", "127.0.0.1;127.0.0.1"}) {
    EXPECT_FALSE(all_loopback(list)) << list;
  }
}

TEST(ClientAddress, EveryForOfForwardedMustBeLoopback) {
  for (const std::string_view header :
       {"for=127.0.0.1", "For=\"[::1]:4711\"", "FOR=127.0.0.1;proto=http;by=203.0.113.43",
        "by=203.0.113.43;for=127.0.0.1", "for=127.0.0.1, for=\"[::1]\"", "for=127.0.0.1;", "for=127.0.0.1 ; proto=http",
        "for=\"127.0.0.1\";host=\"a,b;for=10.0.0.1\""}) {
    EXPECT_TRUE(all_loopback_forwarded(header)) << header;
  }
}

TEST(ClientAddress, ForwardedThatNamesAnyoneElseOrNobodyIsNot) {
  for (const std::string_view header : {"",
                                        ",",
                                        "proto=https",
                                        "for=10.0.0.1",
                                        "for=127.0.0.1, for=10.0.0.1",
                                        "for=127.0.0.1, proto=https",
                                        "for=127.0.0.1,",
                                        "for=unknown",
                                        "for=_gazonk",
                                        "for=localhost",
                                        "for=",
                                        "for",
                                        "=127.0.0.1",
                                        "for =127.0.0.1",
                                        "for= 127.0.0.1",
                                        "for=127.0.0.1;for=10.0.0.1",
                                        "for=127.0.0.1;for=127.0.0.1",
                                        "for=\"127.0.0.1",
                                        "for=\"127.0.0.1\\\"\"",
                                        "by=127.0.0.1",
                                        "xfor=127.0.0.1",
                                        "127.0.0.1",
                                        "for=127.0.0.1;;host"}) {
    EXPECT_FALSE(all_loopback_forwarded(header)) << header;
  }
}

}  // namespace
}  // namespace heare::http
