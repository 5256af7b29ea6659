#include "s3/credentials_ini.h"

#include <gtest/gtest.h>

namespace heare::s3 {
namespace {

Profiles parsed(std::string_view text, ProfileFileKind kind = ProfileFileKind::credentials) {
  Result<Profiles> profiles = parse_profiles(text, kind);
  EXPECT_TRUE(profiles.has_value()) << profiles.error().message;
  return profiles ? *std::move(profiles) : Profiles();
}

Profiles config(std::string_view text) {
  return parsed(text, ProfileFileKind::config);
}

std::string value(const Profiles& profiles, std::string_view profile, std::string_view property) {
  const auto section = profiles.find(profile);
  if (section == profiles.end()) return "no profile";
  const auto found = section->second.find(property);
  return found == section->second.end() ? "no property" : std::string(found->second.reveal());
}

std::string error_of(std::string_view text) {
  const Result<Profiles> profiles = parse_profiles(text, ProfileFileKind::credentials);
  return profiles ? "" : profiles.error().message;
}

TEST(ProfileFile, NamesAndValuesAreTrimmedAndNamesAreLowerCase) {
  const Profiles profiles = parsed("[ prod ]\r\n AWS_Access_Key_ID\t=  AKID \r\naws_secret_access_key=a=b:c\r\n");
  EXPECT_EQ(value(profiles, "prod", "aws_access_key_id"), "AKID");
  EXPECT_EQ(value(profiles, "prod", "aws_secret_access_key"), "a=b:c");
}

TEST(ProfileFile, ColonEndsANameToo) {
  EXPECT_EQ(value(parsed("[a]\nkey: x=1\n"), "a", "key"), "x=1");
}

TEST(ProfileFile, CommentsAreSkipped) {
  const Profiles profiles = parsed("# a\n[a] ; b\n  ; c\nkey = x # d\nother = y\t;e\nwhole = p#q;r\nlast = z");
  EXPECT_EQ(value(profiles, "a", "key"), "x");
  EXPECT_EQ(value(profiles, "a", "other"), "y");
  EXPECT_EQ(value(profiles, "a", "whole"), "p#q;r");
  EXPECT_EQ(value(profiles, "a", "last"), "z");
  EXPECT_EQ(profiles.size(), 1U);
}

TEST(ProfileFile, EmptyValueIsThereAndEmpty) {
  EXPECT_EQ(value(parsed("[a]\nkey =\n"), "a", "key"), "");
}

TEST(ProfileFile, NestedPropertiesAreSkipped) {
  const Profiles profiles = config("[default]\ns3 =\n  region = nested\n\n  # c\n  x = y\nregion = eu-west-1\n");
  EXPECT_EQ(value(profiles, "default", "region"), "eu-west-1");
  EXPECT_EQ(value(profiles, "default", "x"), "no property");
}

TEST(ProfileFile, FileMayBeIndentedAsAWhole) {
  const Profiles profiles = parsed("  [a]\n  key = x\n  other = y\n  [b]\n  key = z\n");
  EXPECT_EQ(value(profiles, "a", "key"), "x");
  EXPECT_EQ(value(profiles, "a", "other"), "y");
  EXPECT_EQ(value(profiles, "b", "key"), "z");
}

TEST(ProfileFile, SectionGivenTwiceIsOneAndTheLastValueCounts) {
  const Profiles profiles = parsed("[a]\nkey = 1\nfirst = x\n[b]\n[a]\nkey = 2\n");
  EXPECT_EQ(value(profiles, "a", "key"), "2");
  EXPECT_EQ(value(profiles, "a", "first"), "x");
}

TEST(ProfileFile, ConfigNamesProfilesWithAPrefix) {
  const Profiles profiles =
      config("[profile prod]\nk = 1\n[prod]\nk = 2\n[profile\t'my own']\nk = 3\n[default]\nk = 4\n");
  EXPECT_EQ(value(profiles, "prod", "k"), "1");
  EXPECT_EQ(value(profiles, "my own", "k"), "3");
  EXPECT_EQ(value(profiles, "default", "k"), "4");
  EXPECT_EQ(profiles.size(), 3U);
}

TEST(ProfileFile, CredentialsNameProfilesWithout) {
  const Profiles profiles = parsed("[prod]\nk = 1\n[profile prod]\nk = 2\n");
  EXPECT_EQ(value(profiles, "prod", "k"), "1");
}

TEST(ProfileFile, ProfileDefaultIsStrongerThanDefaultWhereverItStands) {
  EXPECT_EQ(value(config("[profile default]\nk = 1\n[default]\nk = 2\n"), "default", "k"), "1");
  EXPECT_EQ(value(config("[default]\nk = 2\n[profile default]\nk = 1\n"), "default", "k"), "1");
}

TEST(ProfileFile, OtherSectionsOfConfigAreSkipped) {
  const Profiles profiles =
      config("[sso-session x]\nk = 1\n[services y]\ns3 =\n  k = 2\n[profilex]\nk = 3\n[profile]\nk=4\n");
  EXPECT_TRUE(profiles.empty());
}

TEST(ProfileFile, ByteOrderMarkIsSkipped) {
  EXPECT_EQ(value(parsed("\xEF\xBB\xBF[a]\nk = 1\n"), "a", "k"), "1");
}

TEST(ProfileFile, FaultNamesItsLineAndQuotesNothing) {
  EXPECT_EQ(error_of("[a]\n\nshhh\n"), "line 3: neither [section] nor name = value");
  EXPECT_EQ(error_of("[a]\n= shhh\n"), "line 2: neither [section] nor name = value");
  EXPECT_EQ(error_of("shhh = 1\n"), "line 1: stands before the first [section]");
  EXPECT_EQ(error_of("# c\n[shhh\nk = 1\n"), "line 2: the section's name is empty or not closed by ']'");
  EXPECT_EQ(error_of("[ ]\n"), "line 1: the section's name is empty or not closed by ']'");
}

}  // namespace
}  // namespace heare::s3
