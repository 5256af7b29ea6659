#include "http/forward_auth.h"

#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace heare::http {
namespace {

using Fields = std::vector<Field>;

// --- The key

PresentedKey presented(const Fields& fields) {
  return presented_key(fields);
}

TEST(ForwardAuth, BearerTokenIsTheKey) {
  for (const std::string_view value : {"Bearer sec_a", "bearer sec_a", "BEARER  sec_a", "Bearer\tsec_a"}) {
    const PresentedKey key = presented({{"AUTHORIZATION", value}});
    EXPECT_EQ(key.count, 1U) << value;
    EXPECT_EQ(key.key, "sec_a") << value;
  }
  EXPECT_EQ(presented({{"Authorization", "Bearer a b, Bearer c"}}).key, "a b, Bearer c");
}

TEST(ForwardAuth, ApiKeyFieldIsTheKeyAsItIs) {
  const PresentedKey key = presented({{"Host", "a"}, {"x-api-KEY", "Bearer a\xFF"}});
  EXPECT_EQ(key.count, 1U);
  EXPECT_EQ(key.key, "Bearer a\xFF");
}

TEST(ForwardAuth, OtherSchemesAndEmptyKeysAreNone) {
  for (const std::string_view value : {"", "Bearer", "bearer ", "Basic YTpi", "Bearersec_a", "sec_a", "Token sec_a",
                                       "\"Bearer\" sec_a", "Bearer: sec_a"}) {
    EXPECT_EQ(presented({{"Authorization", value}, {"X-API-Key", ""}}).count, 0U) << value;
  }
  EXPECT_EQ(presented({{"X-API-Keys", "a"}, {"X_API_Key", "a"}, {"Proxy-Authorization", "Bearer a"}}).count, 0U);
}

TEST(ForwardAuth, EveryKeyIsCounted) {
  EXPECT_EQ(presented({{"X-API-Key", "a"}, {"Authorization", "Bearer a"}, {"x-api-key", "a"}}).count, 3U);
}

// --- Required scopes

std::string required(std::string_view query, const Fields& fields = {}, std::string_view path = "/auth") {
  Request request = {};
  request.path = path;
  request.query = query;
  request.fields = fields;
  std::string scopes;
  append_required_scopes(scopes, request);
  return scopes;
}

TEST(ForwardAuth, QueryIsReadAsAForm) {
  EXPECT_EQ(required("scope=a&scope=b"), "a b ");
  EXPECT_EQ(required("scope=a+b%20c"), "a b c ");
  EXPECT_EQ(required("scope=reports%3Aread&%73cop%65=%2a"), "reports:read * ");
  EXPECT_EQ(required("&x=scope&&scope=a=b&scope&scope="), "a=b   ");
  EXPECT_EQ(required("Scope=a&scopes=a&scop=a&xscope=a&scope%=a&=a&"), "");
  EXPECT_EQ(required("scope=%&scope=%4&scope=%zz&scope=%4g"), "% %4 %zz %4g ");
  EXPECT_EQ(required(""), "");
}

TEST(ForwardAuth, HeaderAddsToTheQuery) {
  const Fields fields = {{"X-Auth-Required-Scope", "b c"}, {"X", "x"}, {"x-auth-required-scope", "d%20+"}};
  EXPECT_EQ(required("scope=a", fields), "a b c d%20+ ");
  EXPECT_EQ(required("scope=a", fields, "/auth/"), "b c d%20+ ");
}

bool has(std::string_view scopes_json, std::string_view scopes) {
  const std::string extra = fmt::format(R"(,"scopes":[{}])", scopes_json);
  return has_scopes({.id_json = "\"i\"", .name_json = "\"\"", .metadata_json = "{}", .extra_json = extra}, scopes);
}

TEST(ForwardAuth, EveryRequiredScopeMustBeHeld) {
  const std::string_view held = R"("a","b","reports:*")";
  for (const std::string_view good :
       {"", "  ", "a", "a a", "b  a", "a b reports:read reports:read:all ", "a b a b a"}) {
    EXPECT_TRUE(has(held, good)) << good;
  }
  for (const std::string_view bad : {"c", "a c", "c a", "a b c", "a a a reports", "a reports:", "a \"", "a b,b"}) {
    EXPECT_FALSE(has(held, bad)) << bad;
  }
  EXPECT_TRUE(has(R"("*")", "a b c:d " + std::string(1000, 'x')));
  EXPECT_FALSE(has(R"("*")", "a b \x01"));
  EXPECT_FALSE(has("", "a"));
}

TEST(ForwardAuth, ManyRequiredScopesAreAllAsked) {
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "b a ";
  EXPECT_TRUE(has(R"("a","b")", many));
  EXPECT_FALSE(has(R"("a","b")", many + "c"));
}

// --- Identity

/// The value that a text gets in X-Auth-Key-Name.
std::string name_value(std::string_view name) {
  std::string json;
  append_json_string(json, name);
  std::string fields;
  append_identity(fields, {.id_json = "\"i\"", .name_json = json, .metadata_json = "{}", .extra_json = ""});
  constexpr std::string_view kBefore = "X-Auth-Key-Id: i\r\nX-Auth-Key-Name: ";
  constexpr std::string_view kAfter = "\r\nX-Auth-Owner: -\r\nX-Auth-Scopes: -\r\n";
  EXPECT_TRUE(fields.starts_with(kBefore) && fields.ends_with(kAfter)) << fields;
  return fields.substr(kBefore.size(), fields.size() - kBefore.size() - kAfter.size());
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return out;
}

TEST(ForwardAuth, EveryAsciiCharacterIsItselfOrPercentEncoded) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = {'a', static_cast<char>(c), 'b'};
    const bool plain = c >= 0x21 && c <= 0x7E && c != '%';
    EXPECT_EQ(name_value(text), plain ? text : "a" + percent_encoded(text.substr(1, 1)) + "b") << c;
  }
}

TEST(ForwardAuth, CharactersBeyondAsciiAreEncodedByteByByte) {
  for (const std::string_view text : {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x94\x91", "\xE2\x80\xA8", "\xC2\x85"}) {
    EXPECT_EQ(name_value(text), percent_encoded(text));
  }
  EXPECT_EQ(name_value("\xFF"), "%EF%BF%BD");
}

TEST(ForwardAuth, NothingCanBreakAHeader) {
  EXPECT_EQ(name_value("a\r\nX-Evil: \"b\"\\\t\xC3\xA4\x7F"), "a%0D%0AX-Evil:%20\"b\"\\%09%C3%A4%7F");
}

TEST(ForwardAuth, DashStandsForAnEmptyValueOnly) {
  EXPECT_EQ(name_value(""), "-");
  EXPECT_EQ(name_value("-"), "%2D");
  EXPECT_EQ(name_value("--"), "--");
  EXPECT_EQ(name_value("- "), "-%20");
}

TEST(ForwardAuth, ValueIsCutAtKibibyteAndNeverInsideACharacter) {
  EXPECT_EQ(name_value(std::string(1025, 'x')), std::string(1024, 'x'));
  EXPECT_EQ(name_value(std::string(1024, '"')), std::string(1024, '"'));
  const std::string space_at_end = std::string(1021, 'x') + " ";
  EXPECT_EQ(name_value(space_at_end + "y"), std::string(1021, 'x') + "%20");
  EXPECT_EQ(name_value("x" + space_at_end), "x" + std::string(1021, 'x'));
  const std::string key = "\xF0\x9F\x94\x91";
  EXPECT_EQ(name_value(std::string(1012, 'x') + key + "y"), std::string(1012, 'x') + percent_encoded(key));
  EXPECT_EQ(name_value(std::string(1013, 'x') + key + "y"), std::string(1013, 'x'));
}

std::string scopes_value(std::string_view extra_json) {
  std::string fields;
  append_identity(fields, {.id_json = "\"i\"", .name_json = "\"\"", .metadata_json = "{}", .extra_json = extra_json});
  const size_t begin = fields.find("X-Auth-Owner: ");
  return fields.substr(begin, fields.size() - begin);
}

TEST(ForwardAuth, OwnerAndScopesAreTold) {
  EXPECT_EQ(scopes_value(R"(,"scopes":["a:*","b"],"owner":"a \"team\"")"),
            "X-Auth-Owner: a%20\"team\"\r\nX-Auth-Scopes: a:* b\r\n");
  EXPECT_EQ(scopes_value(R"(,"owner":"")"), "X-Auth-Owner: -\r\nX-Auth-Scopes: -\r\n");
  EXPECT_EQ(scopes_value(R"(,"scopes":["-"],"owner":"-")"), "X-Auth-Owner: %2D\r\nX-Auth-Scopes: %2D\r\n");
}

TEST(ForwardAuth, ScopesAreCutBetweenTwoOfThem) {
  const std::string long_scope(500, 'x');
  const std::string two = long_scope + "\",\"" + long_scope;
  EXPECT_EQ(scopes_value(R"(,"scopes":[")" + two + R"(","admin-of-nothing-at-all"])"),
            "X-Auth-Owner: -\r\nX-Auth-Scopes: " + long_scope + " " + long_scope + "\r\n");
  const std::string fits(22, 'y');
  EXPECT_TRUE(scopes_value(R"(,"scopes":[")" + two + "\",\"" + fits + "\"]").ends_with(" " + fits + "\r\n"));
  EXPECT_FALSE(scopes_value(R"(,"scopes":[")" + two + "\",\"" + fits + "y\"]").ends_with("y\r\n"));
}

TEST(ForwardAuth, ScopeThatDoesNotFitIsNotToldInPart) {
  EXPECT_TRUE(scopes_value(R"(,"scopes":[")" + std::string(1025, 'x') + "\"]").ends_with("X-Auth-Scopes: -\r\n"));
  const std::string fits(1024, 'x');
  EXPECT_TRUE(scopes_value(R"(,"scopes":[")" + fits + "\"]").ends_with("X-Auth-Scopes: " + fits + "\r\n"));
}

// --- Challenge

std::string challenge(const Denial& denial, std::string_view required) {
  std::string fields;
  append_challenge(fields, denial, required);
  return fields;
}

TEST(ForwardAuth, ChallengeNamesGoodScopesOnly) {
  EXPECT_EQ(challenge(kInsufficientScope, " a \"  b:* c,\x01 d "),
            "WWW-Authenticate: Bearer realm=\"heare-auth\", error=\"insufficient_scope\", scope=\"a b:* d\"\r\n"
            "X-Auth-Reason: scope\r\n");
  EXPECT_EQ(challenge(kInsufficientScope, "\" ,"),
            "WWW-Authenticate: Bearer realm=\"heare-auth\", error=\"insufficient_scope\"\r\nX-Auth-Reason: scope\r\n");
}

TEST(ForwardAuth, ChallengeStaysShort) {
  std::string scopes;
  for (int i = 0; i < 1000; ++i) scopes += "reports:read ";
  const std::string fields = challenge(kInsufficientScope, scopes);
  EXPECT_LT(fields.size(), 1200U);
  EXPECT_TRUE(fields.ends_with(" reports:read\"\r\nX-Auth-Reason: scope\r\n"));
}

TEST(ForwardAuth, ChallengeSaysWhatIsWrong) {
  EXPECT_EQ(challenge(kMissingKey, ""), "WWW-Authenticate: Bearer realm=\"heare-auth\"\r\nX-Auth-Reason: missing\r\n");
  EXPECT_EQ(challenge(denial_of(metrics::Verdict::expired), ""),
            "WWW-Authenticate: Bearer realm=\"heare-auth\", error=\"invalid_token\"\r\nX-Auth-Reason: expired\r\n");
}

}  // namespace
}  // namespace heare::http
