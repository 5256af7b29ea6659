#include "app/key_table.h"

#include <gtest/gtest.h>

#include "app/display_text.h"

namespace heare::app {
namespace {

TEST(KeyTable, WithoutKeysItSaysSo) {
  EXPECT_EQ(key_table({}), "No API keys found.\n");
}

TEST(KeyTable, ColumnsAreAsWideAsTheirWidestCell) {
  const std::vector<KeyRow> rows = {{"Brüder", "key_1", "shared_secret", "2026-01-20T10:30:00Z", "active"},
                                    {"B", "key_22", "t", "Never", "active"}};
  EXPECT_EQ(key_table(rows),
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Name    Key ID  Type           Created\n"
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Brüder  key_1   shared_secret  2026-01-20T10:30:00Z\n"
            "B       key_22  t              Never\n"
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Total: 2 keys\n");
}

TEST(KeyTable, TheColumnStatusIsThereWhereAKeyIsNotActive) {
  const std::vector<KeyRow> rows = {{"A", "1", "t", "Never", "active"}, {"B", "2", "t", "Never", "disabled"}};
  EXPECT_EQ(key_table(rows),
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Name  Key ID  Type  Created  Status\n"
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "A     1       t     Never    active\n"
            "B     2       t     Never    disabled\n"
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Total: 2 keys\n");
}

TEST(KeyTable, ALongNamePushesOnlyItsOwnLine) {
  const std::vector<KeyRow> rows = {{std::string(60, 'n'), "1", "t", "Never", "active"},
                                    {"B", "2", "t", "Never", "active"}};
  const std::string table = key_table(rows);
  EXPECT_NE(table.find("\n" + std::string(60, 'n') + "  1       t"), std::string::npos);
  EXPECT_NE(table.find("\nB" + std::string(41, ' ') + "2       t"), std::string::npos);
}

TEST(KeyTable, WideCharactersCountTwoColumns) {
  const std::vector<KeyRow> rows = {{"鍵 🔑", "1", "t", "Never", "active"}, {"B", "2", "t", "Never", "active"}};
  const std::string table = key_table(rows);
  EXPECT_NE(table.find("\n鍵 🔑  1       t"), std::string::npos) << table;
  EXPECT_NE(table.find("\nB      2       t"), std::string::npos) << table;
}

// --- On a screen

const std::vector<KeyRow> kRows = {
    {"My Service", "key_0001xVceXj6hR4dZO53", "shared_secret", "2026-01-20T10:30:00.123456Z", "active"},
    {"Brüder ✓ 🔑 and a name that is longer than forty columns", "key_two", "shared_secret", "Never", "expired"},
    {"鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵", "key_three", "shared_secret", "Never", "disabled"},
};

size_t widest_line(std::string_view table) {
  size_t widest = 0;
  while (!table.empty()) {
    const size_t end = table.find('\n');
    widest = std::max(widest, columns_of(table.substr(0, end)));
    table.remove_prefix(end + 1);
  }
  return widest;
}

TEST(KeyTable, OnAScreenThatIsWideEnoughNothingIsCut) {
  EXPECT_EQ(key_table(kRows, {.columns = 200}).find("…"), std::string::npos);
}

TEST(KeyTable, OnAScreenEveryLineFits) {
  for (size_t columns = 1; columns <= 140; ++columns) {
    EXPECT_LE(widest_line(key_table({kRows[0], kRows[2]}, {.columns = columns})), std::max<size_t>(columns, 13));
    EXPECT_LE(widest_line(key_table(kRows, {.columns = columns})), std::max<size_t>(columns, 13)) << columns;
  }
}

TEST(KeyTable, IdsAreWholeOnAnOrdinaryScreen) {
  EXPECT_EQ(key_table(kRows, {.columns = 80}),
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Name                      Key ID                   Type    Created      Status\n"
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "My Service                key_0001xVceXj6hR4dZO53  share…  2026-01-20…  active\n"
            "Brüder ✓ 🔑 and a name …  key_two                  share…  Never        expired\n"
            "鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵…   key_three                share…  Never        disabled\n"
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Total: 3 keys\n");
}

TEST(KeyTable, OnANarrowScreenTheTypesGoBeforeTheIds) {
  const std::string table = key_table(kRows, {.columns = 60});
  EXPECT_EQ(table.find("Type"), std::string::npos) << table;
  EXPECT_NE(table.find("  key_0001xVceXj6hR4dZO53  2026-01-20…  active\n"), std::string::npos) << table;
}

TEST(KeyTable, TheStatusOfARefusedKeyIsColoured) {
  const std::string table = key_table(kRows, {.columns = 80, .colours = true});
  EXPECT_NE(table.find("2026-01-20…  active\n"), std::string::npos) << table;
  EXPECT_NE(table.find("Never        \x1b[31mexpired\x1b[0m\n"), std::string::npos) << table;
  EXPECT_NE(table.find("Never        \x1b[33mdisabled\x1b[0m\n"), std::string::npos) << table;
}

}  // namespace
}  // namespace heare::app
