#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace heare::json {

/// Texts for tests, the same for the same seed: valid key documents in every layout, and damaged ones.
class RandomText {
 public:
  explicit RandomText(uint32_t seed) : engine_(seed) {}

  /// Uniform enough in [0, bound).
  size_t below(size_t bound) { return engine_() % bound; }

  /// An object whose members are mostly `keys` arrays, valid as a Reader decides it.
  std::string document() {
    std::string out = space() + "{" + space();
    for (size_t n = below(5); n > 0; --n) {
      static constexpr std::string_view kNames[] = {R"("keys")", R"("\u006beys")", R"("ke\u0079s")", R"("other")",
                                                    R"("keyz")", R"("")",          "\"\u00e9\"",     R"("k\ud800\"")"};
      out += pick(kNames);
      out += space() + ":" + space();
      out += below(4) == 0 ? value(3) : array(4);
      out += space();
      if (n > 1) out += "," + space();
    }
    return out + "}" + space();
  }

  /// Any value, of at most `depth` levels of arrays and objects.
  std::string value(size_t depth) {
    static constexpr std::string_view kScalars[] = {"null",
                                                    "true",
                                                    "false",
                                                    "NaN",
                                                    "Infinity",
                                                    "-Infinity",
                                                    "0",
                                                    "-0",
                                                    "12",
                                                    "1E-400",
                                                    "-3.25e+7",
                                                    "123456789012345678901234567890",
                                                    R"("")",
                                                    R"("plain")",
                                                    R"("a\"b\\")",
                                                    R"("\\\\")",
                                                    R"("\ud83d\ude00")",
                                                    R"("\ud800")",
                                                    R"("\udc00\ud83d")",
                                                    R"("]}[{,:")",
                                                    R"("a longer string with sixteen and more bytes \n")",
                                                    "\"\u00fcml\u00e4ut \u20ac \U0001F600\"",
                                                    R"("\u0041\/\b")"};
    const size_t kind = depth == 0 ? 0 : below(4);
    if (kind == 2) return array(depth - 1);
    if (kind == 3) return object(depth - 1);
    return std::string(pick(kScalars));
  }

  /// `text` with one to three small changes, which may leave it valid.
  std::string damaged(std::string text) {
    for (size_t n = 1 + below(3); n > 0 && !text.empty(); --n) {
      static constexpr std::string_view kParts[] = {"\"",
                                                    "\\",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ",",
                                                    ":",
                                                    " ",
                                                    "\n",
                                                    "0",
                                                    "1",
                                                    "-",
                                                    "e",
                                                    ".",
                                                    "u",
                                                    "\x01",
                                                    "\x80",
                                                    "\xC3",
                                                    "\xED\xA0\x80",
                                                    "\xEF\xBB\xBF",
                                                    "\\u",
                                                    "\\ud8",
                                                    "nul",
                                                    "NaN",
                                                    "'",
                                                    "/",
                                                    "\\\"",
                                                    "[]",
                                                    "{}",
                                                    ",,"};
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(3));
          break;
        case 1:
          text.replace(at, 1, pick(kParts));
          break;
        case 2:
          text.resize(at);
          break;
        default:
          text.insert(at, pick(kParts));
      }
    }
    return text;
  }

 private:
  template <size_t N>
  std::string_view pick(const std::string_view (&choices)[N]) {
    return choices[below(N)];
  }

  std::string space() {
    static constexpr std::string_view kSpaces[] = {"", "", "", " ", "\n  ", "\t\r\n"};
    return std::string(pick(kSpaces));
  }

  std::string array(size_t depth) {
    std::string out = "[" + space();
    for (size_t n = below(4); n > 0; --n) {
      out += value(depth) + space();
      if (n > 1) out += "," + space();
    }
    return out + "]";
  }

  std::string object(size_t depth) {
    static constexpr std::string_view kNames[] = {
        R"("a")",   R"("\u0061")", R"("id")",     R"("secret")",
        R"("b\\")", R"("\ud800")", R"("\udfff")", R"("a fairly long member name \t")"};
    std::string out = "{" + space();
    for (size_t n = below(5); n > 0; --n) {
      out += pick(kNames);
      out += space() + ":" + space() + value(depth) + space();
      if (n > 1) out += "," + space();
    }
    return out + "}";
  }

  std::mt19937 engine_;
};

}  // namespace heare::json
