#include "keys/scopes.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "keys/key_index.h"
#include "keys/verifier.h"

namespace heare::keys {
namespace {

/// Whether a key that has the scope `held` alone may do what needs `required`.
bool covers(std::string_view held, std::string_view required) {
  return any_scope_covers('"' + std::string(held) + '"', required);
}

TEST(Scopes, ScopeCoversItselfAndNothingElse) {
  EXPECT_TRUE(covers("reports:read", "reports:read"));
  for (const std::string_view other : {"reports:rea", "reports:reads", "reports", "Reports:read", "reports:read:all"}) {
    EXPECT_FALSE(covers("reports:read", other)) << other;
  }
}

TEST(Scopes, StarAfterAColonCoversAllBelow) {
  for (const std::string_view below : {"reports:read", "reports:read:all", "reports:*", "reports::"}) {
    EXPECT_TRUE(covers("reports:*", below)) << below;
  }
  for (const std::string_view other : {"reports", "reports:", "reportsx:read", "report:read", "x:reports:read", "*"}) {
    EXPECT_FALSE(covers("reports:*", other)) << other;
  }
  EXPECT_TRUE(covers("reports:read:*", "reports:read:all"));
  EXPECT_FALSE(covers("reports:read:*", "reports:write:all"));
}

TEST(Scopes, StarAloneCoversEveryScope) {
  for (const std::string_view scope : {"reports", "reports:read", "*", "a/b.c", "reports:*"}) {
    EXPECT_TRUE(covers("*", scope)) << scope;
  }
}

TEST(Scopes, StarElsewhereStandsForItself) {
  EXPECT_FALSE(covers("rep*", "reports"));
  EXPECT_FALSE(covers("a/*", "a/b"));
  EXPECT_FALSE(covers("*:read", "reports:read"));
  EXPECT_FALSE(covers("a:*:c", "a:b:c"));
  EXPECT_FALSE(covers("**", "a"));
  EXPECT_TRUE(covers("rep*", "rep*"));
  EXPECT_TRUE(covers(":*", ":a"));
}

TEST(Scopes, WhatIsNoScopeIsNeverCovered) {
  for (const std::string_view text : {"", "a b", "a,b", "reports:re\"ad", "r\xC3\xA9", "a\n", "a%20"}) {
    EXPECT_FALSE(covers("*", text)) << text;
    EXPECT_FALSE(covers(text, text)) << text;
  }
  EXPECT_FALSE(covers("reports:*", "reports:a b"));
}

// --- What an index has made of a key

std::string extra_of(const std::vector<std::string>& scopes, const char* owner) {
  ApiKey key = {};
  key.id = "key_1";
  key.digest = crypto::sha256("sec_good");
  key.enabled = true;
  key.metadata_json = "{}";
  key.scopes = scopes;
  if (owner != nullptr) key.owner = owner;
  KeyIndexBuilder builder;
  builder.add(key);
  const auto index = builder.finish();
  return std::string(verify(*index, "sec_good", WallTime{}).grant->extra_json);
}

std::vector<std::string> scopes_of(std::string_view scopes_json) {
  std::vector<std::string> scopes;
  for (auto scope = take_scope(scopes_json); !scope.empty(); scope = take_scope(scopes_json)) {
    scopes.emplace_back(scope);
  }
  return scopes;
}

TEST(Scopes, ExtraOfAGrantIsTakenApart) {
  const std::vector<std::string> scopes = {"reports:*", "b/c", "d"};
  for (const auto& some : {std::vector<std::string>{}, {"*"}, scopes}) {
    const std::string without_owner = extra_of(some, nullptr);
    EXPECT_EQ(scopes_of(split_extra(without_owner).scopes_json), some);
    EXPECT_EQ(split_extra(without_owner).owner_json, "");
    const std::string with_owner = extra_of(some, R"(a],"owner":"b)");
    EXPECT_EQ(scopes_of(split_extra(with_owner).scopes_json), some);
    EXPECT_EQ(split_extra(with_owner).owner_json, R"("a],\"owner\":\"b")");
  }
}

TEST(Scopes, OneOfSeveralIsEnough) {
  const std::string extra = extra_of({"a", "reports:*"}, "team");
  const auto scopes_json = split_extra(extra).scopes_json;
  EXPECT_TRUE(any_scope_covers(scopes_json, "a"));
  EXPECT_TRUE(any_scope_covers(scopes_json, "reports:read"));
  EXPECT_FALSE(any_scope_covers(scopes_json, "b"));
  EXPECT_FALSE(any_scope_covers("", "a"));
}

TEST(Scopes, HeldScopesCoverWhatOneOfThemDoes) {
  const std::vector<std::string> held = {"a", "a:b", "b:*", "c:d:*", ":*", "x*", "a:b:*:d", "e:", "e:f:*", "g::*"};
  const std::vector<std::string> parts = {"", "a", "b", "c", "d", "e", "f", "g", "x", "*", "x*"};
  std::vector<std::string> required = {"a b", "a\n", "a:b:*:d", "c:d:*:e", "::", "a:b:c:d", "\"", "b:\xFF"};
  for (const std::string& first : parts) {
    required.push_back(first);
    for (const std::string& second : parts) {
      required.push_back(first + ":" + second);
      for (const std::string& third : parts) required.push_back(first + ":" + second + ":" + third);
    }
  }
  const std::string extra = extra_of(held, nullptr);
  const auto scopes_json = split_extra(extra).scopes_json;
  const HeldScopes scopes(scopes_json);
  for (const std::string& scope : required) {
    EXPECT_EQ(scopes.cover(scope), any_scope_covers(scopes_json, scope)) << scope;
  }
  EXPECT_TRUE(HeldScopes(R"("*")").cover("a:b"));
  EXPECT_FALSE(HeldScopes(R"("*")").cover("a b"));
  EXPECT_FALSE(HeldScopes("").cover("a"));
}

TEST(Scopes, MoreHeldScopesThanTheCommandsGiveAllCount) {
  std::vector<std::string> held;
  for (int i = 0; i < 200; ++i) held.push_back("s" + std::to_string(i) + (i % 2 == 0 ? "" : ":*"));
  const std::string extra = extra_of(held, nullptr);
  const HeldScopes scopes(split_extra(extra).scopes_json);
  for (int i = 0; i < 200; ++i) {
    const std::string name = "s" + std::to_string(i);
    EXPECT_EQ(scopes.cover(name), i % 2 == 0) << i;
    EXPECT_EQ(scopes.cover(name + ":x"), i % 2 == 1) << i;
  }
  EXPECT_FALSE(scopes.cover("s200"));
}

}  // namespace
}  // namespace heare::keys
