#include "json/splitter.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "json/json_test_support.h"

namespace heare::json {
namespace {

std::string described(Span span) {
  return fmt::format("{}-{}", span.begin, span.end);
}

/// Writes down every event.
class Recorder final : public SplitterEvents {
 public:
  void begin_array(uint64_t offset) override { log.push_back(fmt::format("begin {}", offset)); }
  Result<> element(const Result<Value>& element, Span span) override {
    if (!element) return std::unexpected(element.error());
    log.push_back(fmt::format("element {} {}", described(span), element->raw()));
    return {};
  }
  void end_array(uint64_t offset_after) override { log.push_back(fmt::format("end {}", offset_after)); }
  void member(std::string_view name, Value value, Span span) override {
    log.push_back(fmt::format("member {} {} {}", name, described(span), value.raw()));
  }

  std::vector<std::string> log;
};

struct Outcome {
  std::vector<std::string> log;
  std::string error;

  bool operator==(const Outcome&) const = default;
};

/// Splits `text`, handed over in pieces of the sizes that `next_size` gives.
Outcome split(std::string_view text, const std::function<size_t()>& next_size, uint64_t offset = 0) {
  Recorder recorder;
  Splitter splitter("keys", recorder, offset);
  Result<> result;
  while (!text.empty() && result) {
    // Each piece in memory of its own, so that a view that outlives its piece is noticed.
    const std::string piece(text.substr(0, next_size()));
    result = splitter.append(piece);
    text.remove_prefix(piece.size());
  }
  if (result) result = splitter.finish();
  return {recorder.log, result ? "" : result.error().message};
}

Outcome split(std::string_view text, size_t size = 1'000'000) {
  return split(text, [size] { return size; });
}

using Log = std::vector<std::string>;

TEST(Splitter, ReportsElementsAndMembersWithTheirSpans) {
  const Outcome outcome = split(R"({"v": 1, "keys": [ {"id":"a"} , {"id":"]}"}], "w":"x"} )");
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.log, (Log{"member v 6-7 1", "begin 17", R"(element 19-29 {"id":"a"})",
                              R"(element 32-43 {"id":"]}"})", "end 44", R"(member w 50-53 "x")"}));
}

TEST(Splitter, TakesPiecesOfOneByte) {
  const std::string_view text = R"( {"a\n":[1,2],"keys":[1,"\"]",[[]],{"a":{}},NaN],"b":-0.5} )";
  const Outcome outcome = split(text, 1);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.log.size(), 9U);
  EXPECT_EQ(outcome, split(text));
}

TEST(Splitter, KnowsTheSplitMemberByItsUnescapedName) {
  EXPECT_EQ(split(R"({"\u006beys":[]})").log, (Log{"begin 13", "end 15"}));
  EXPECT_EQ(split(R"({"x":{"keys":[1]},"Keys":[]})").log,
            (Log{R"(member x 5-17 {"keys":[1]})", "member Keys 25-27 []"}));
}

TEST(Splitter, ReportsTheSplitMemberEachTimeThatItIsGiven) {
  EXPECT_EQ(split(R"({"keys":[1],"keys":[2]})").log,
            (Log{"begin 8", "element 9-10 1", "end 11", "begin 19", "element 20-21 2", "end 22"}));
  EXPECT_EQ(split(R"({"keys":[1],"keys":null})").log,
            (Log{"begin 8", "element 9-10 1", "end 11", "member keys 19-23 null"}));
}

TEST(Splitter, HandsOutElementsOfOnePieceWithoutCopying) {
  class Addresses final : public SplitterEvents {
   public:
    void begin_array(uint64_t) override {}
    Result<> element(const Result<Value>& element, Span) override {
      at.push_back(element->raw().data());
      return {};
    }
    void end_array(uint64_t) override {}
    void member(std::string_view, Value, Span) override {}
    std::vector<const char*> at;
  };
  const std::string text = R"({"keys":[{"a":1},22]})";
  Addresses events;
  Splitter splitter("keys", events);
  ASSERT_TRUE(splitter.append(text));
  EXPECT_EQ(events.at, (std::vector<const char*>{text.data() + 9, text.data() + 17}));
}

TEST(Splitter, CountsPastFourGibibytes) {
  const uint64_t offset = (uint64_t{1} << 32) - 12;
  EXPECT_EQ(split(
                R"({"keys":[ {},[1] ]})", [] { return 3; }, offset)
                .log,
            (Log{"begin 4294967292", "element 4294967294-4294967296 {}", "element 4294967297-4294967300 [1]",
                 "end 4294967302"}));
  EXPECT_EQ(split(
                R"({"keys":[ {}  x)", [] { return 3; }, offset)
                .error,
            "not valid JSON at byte 4294967298: a comma or the end of the array was expected");
}

TEST(Splitter, RefusesWhatIsNoJsonObject) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "not valid JSON at byte 0: the text ends where a value was expected"},
      {" \n", "not valid JSON at byte 2: the text ends where a value was expected"},
      {"\xEF\xBB\xBF{}", "not valid JSON at byte 0: it begins with a byte order mark"},
      {"<html>", "not valid JSON at byte 0: a value was expected"},
      {" []", "not a JSON object: another value begins at byte 1"},
      {"null", "not a JSON object: another value begins at byte 0"},
      {"{} {}", "not valid JSON at byte 3: something follows the value"},
      {"{", "not valid JSON at byte 1: the text ends before the object does"},
      {R"({"keys":[{}])", "not valid JSON at byte 12: the text ends before the object does"},
      {R"({"keys":[{"a)", "not valid JSON at byte 12: the text ends before the object does"},
      {R"({"keys":[1,]})", "not valid JSON at byte 11: a value was expected"},
      {R"({"keys":[,1]})", "not valid JSON at byte 9: a value was expected"},
      {R"({"keys":[1 2]})", "not valid JSON at byte 11: a comma or the end of the array was expected"},
      {R"({"keys":[1}})", "not valid JSON at byte 10: a comma or the end of the array was expected"},
      {R"({"keys":[]])", "not valid JSON at byte 10: a comma or the end of the object was expected"},
      {R"({"keys":[],})", "not valid JSON at byte 11: a member's name in double quotes was expected"},
      {R"({,})", "not valid JSON at byte 1: a member's name in double quotes was expected"},
      {R"({"a" 1})", "not valid JSON at byte 5: a colon was expected"},
      {R"({"a":})", "not valid JSON at byte 5: a value was expected"},
      {R"({"a":[1,x]})", "not valid JSON at byte 8: a value was expected"},
      {"{\"a\n\":1}", "not valid JSON at byte 3: a control character in a string"},
      {R"({"keys":[{},{"a":01}]})", "not valid JSON at byte 18: a comma or the end of the object was expected"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(split(text).error, message) << text;
    EXPECT_EQ(split(text, 1), split(text)) << text;
  }
}

TEST(Splitter, KeepsReturningItsFirstError) {
  Recorder recorder;
  Splitter splitter("keys", recorder);
  ASSERT_FALSE(splitter.append("x"));
  EXPECT_FALSE(splitter.append("{}"));
  ASSERT_FALSE(splitter.finish());
  EXPECT_EQ(splitter.finish().error().message, "not valid JSON at byte 0: a value was expected");
  EXPECT_TRUE(recorder.log.empty());
}

TEST(Splitter, AnErrorOfItsEventsEndsTheSplitting) {
  class Failing final : public SplitterEvents {
   public:
    void begin_array(uint64_t) override {}
    Result<> element(const Result<Value>&, Span) override {
      ++elements;
      return fail(ErrorCode::corrupt, "key record 1: no id");
    }
    void end_array(uint64_t) override {}
    void member(std::string_view, Value, Span) override {}
    int elements = 0;
  };
  Failing events;
  Splitter splitter("keys", events);
  const Result<> result = splitter.append(R"({"keys":[{},{}]})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::corrupt);
  EXPECT_EQ(result.error().message, "key record 1: no id");
  EXPECT_EQ(events.elements, 1);
}

TEST(Splitter, BoundsNestingAsAReaderOfTheWholeDoes) {
  const auto nested = [](size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  Reader reader;
  for (const size_t levels : {501U, 502U, 503U}) {
    for (const std::string& text : {R"({"keys":[)" + nested(levels) + "]}", R"({"other":)" + nested(levels) + "}"}) {
      const bool whole = reader.read(text, limits::kNestingMax + 3).has_value();
      EXPECT_EQ(split(text).error.empty(), whole) << levels;
    }
  }
}

/// What a Splitter must report of `text`, from a Reader of the whole; nothing where that refuses it.
std::optional<Log> expected_log(std::string_view text) {
  Reader reader;
  const Result<Value> whole = reader.read(text, limits::kNestingMax + 3);
  if (!whole || !whole->is_object()) return std::nullopt;
  const auto span = [&](Value value) {
    const auto begin = static_cast<uint64_t>(value.raw().data() - text.data());
    return Span{begin, begin + value.raw().size()};
  };
  Log log;
  std::string scratch;
  for (Value member = whole->first(); member; member = member.next()) {
    const std::string_view name = member.name().text(scratch);
    if (name == "keys" && member.is_array()) {
      log.push_back(fmt::format("begin {}", span(member).begin));
      for (Value element = member.first(); element; element = element.next()) {
        log.push_back(fmt::format("element {} {}", described(span(element)), element.raw()));
      }
      log.push_back(fmt::format("end {}", span(member).end));
    } else {
      log.push_back(fmt::format("member {} {} {}", name, described(span(member)), member.raw()));
    }
  }
  return log;
}

TEST(Splitter, AcceptsAndReportsWhatAReaderOfTheWholeDoesWhateverThePieces) {
  RandomText random(22);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 5'000; ++round) {
    const std::string text = round % 3 == 0 ? random.document() : random.damaged(random.document());
    const std::optional<Log> expected = expected_log(text);
    ++(expected ? accepted : refused);

    const Outcome whole = split(text);
    ASSERT_EQ(whole.error.empty(), expected.has_value()) << text << '\n' << whole.error;
    if (expected) {
      ASSERT_EQ(whole.log, *expected) << text;
    }

    ASSERT_EQ(split(text, 1), whole) << text;
    const size_t bound = 1 + random.below(200);
    ASSERT_EQ(split(text, [&] { return random.below(bound + 1); }), whole) << text;
  }
  EXPECT_GT(accepted, 1'600);
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace heare::json
