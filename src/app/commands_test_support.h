#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "app/flags.h"
#include "json/reader.h"

#include "app/app_test_support.h"

namespace heare::app {

/// A world in which commands run on one file.
class CommandsTest : public ::testing::Test, protected TestWorld {
 protected:
  std::string path() const { return (home.path() / "keys.json").string(); }
  StoreFlags store() const { return {.store = "file://" + path()}; }

  void put(const std::string& document) { std::ofstream(path(), std::ios::binary) << document; }
  std::string document() const {
    std::ostringstream text;
    text << std::ifstream(path(), std::ios::binary).rdbuf();
    return text.str();
  }

  /// A field of the JSON that was printed, as it stands there.
  std::string printed_field(std::string_view name) {
    json::Reader reader;
    const Result<json::Value> value = reader.read(terminal.printed);
    if (!value) return "not JSON: " + terminal.printed;
    const json::Value field = value->find(name);
    return field ? std::string(field.raw()) : "missing";
  }
};

inline constexpr const char* kTwoKeys = R"({"keys": [
  {"id": "key_a", "secret": "sec_a", "name": "A\u001b", "created_at": "2026-01-20T10:30:00Z"},
  {"id": "key_b", "secret": "sec_b", "name": "B"}
]}
)";

}  // namespace heare::app
