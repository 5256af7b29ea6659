#include "app/terminal.h"

#include <gtest/gtest.h>

#include "app/report.h"

namespace heare::app {
namespace {

TEST(Printable, OrdinaryTextStaysAsItIs) {
  EXPECT_EQ(printable("Brüder ✓ 🔑 \\n"), "Brüder ✓ 🔑 \\n");
}

TEST(Printable, EscapeSequencesAreMadeVisible) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
}

TEST(Printable, LineEndsAndTabsHaveTheirShortForms) {
  EXPECT_EQ(printable("\n\r\t"), "\\n\\r\\t");
}

TEST(Printable, TheControlsOfLatin1AreMadeVisible) {
  EXPECT_EQ(printable("\xC2\x9B[31m"), "\\x9b[31m");
}

TEST(Printable, ANulIsMadeVisible) {
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, TextThatTurnsItselfAroundIsMadeVisible) {
  EXPECT_EQ(printable("a\u202Eb"), "a\\u202eb");
}

TEST(Printable, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(printable("a\xFF\xC3"), "a\uFFFD\uFFFD");
}

constexpr const char* kSecret = "sec_0001xVd6s8Fx19EginI4XCUy2r6Bvscj3VZeANDGdLfJOWalkbqR0utwYohK";

TEST(SafeMessage, ASecretLosesAllButItsPrefix) {
  EXPECT_EQ(safe_message(std::string("a (") + kSecret + "), b " + kSecret), "a (sec_…), b sec_…");
}

TEST(SafeMessage, AWordThatIsNoSecretStays) {
  EXPECT_EQ(safe_message("sec_a and sec_"), "sec_a and sec_");
}

}  // namespace
}  // namespace heare::app
