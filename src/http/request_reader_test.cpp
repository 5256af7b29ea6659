#include "http/request_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace heare::http {
namespace {

constexpr std::string_view kHost = "Host: auth.example\r\n";

/// What a reader makes of the bytes of a connection, as text; keeps its buffer as a session does.
class Transcript {
 public:
  /// Reads `bytes` as they arrive in pieces of at most `piece_size`, each time at another address (while that is
  /// cheap).
  Transcript& feed(std::string_view bytes, size_t piece_size) {
    while (!bytes.empty() && !refused_) {
      if (buffer_.size() < 1000 || piece_size > 100) buffer_ = std::string(buffer_);
      buffer_ += bytes.substr(0, piece_size);
      bytes.remove_prefix(std::min(piece_size, bytes.size()));
      read_all();
    }
    return *this;
  }

  const std::string& text() const { return text_; }
  bool continued() const { return continued_; }
  size_t buffered() const { return buffer_.size(); }
  NeedMore::Part awaited() const { return awaited_; }

 private:
  void read_all() {
    while (true) {
      const auto outcome = reader_.read(buffer_);
      if (const auto* const more = std::get_if<NeedMore>(&outcome)) {
        buffer_.erase(more->drop_at, more->drop_count);
        continued_ = continued_ || more->wants_continue;
        awaited_ = more->part;
        return;
      }
      if (const auto* const refused = std::get_if<Refused>(&outcome)) {
        text_ += fmt::format("{}\n", refused->status);
        refused_ = true;
        return;
      }
      const Ready& ready = std::get<Ready>(outcome);
      const Request& request = ready.request;
      text_ += fmt::format("{} {} {} [", request.method, request.path, request.query);
      for (const Field& field : request.fields) text_ += fmt::format("{}: {};", field.name, field.value);
      text_ += fmt::format("] {} {}\n", ready.keep_alive ? "keep" : "close", request.body);
      buffer_.erase(0, ready.consumed);
      reader_.next();
    }
  }

  RequestReader reader_;
  std::string buffer_;
  std::string text_;
  bool refused_ = false;
  bool continued_ = false;
  NeedMore::Part awaited_ = NeedMore::Part::start;
};

/// The transcript of `bytes` in one piece, after a check that other pieces give the same.
std::string read(std::string_view bytes) {
  std::string whole = Transcript().feed(bytes, bytes.size()).text();
  for (const size_t piece_size : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}}) {
    EXPECT_EQ(Transcript().feed(bytes, piece_size).text(), whole) << "in pieces of " << piece_size;
  }
  return whole;
}

std::string get(std::string_view target, std::string_view fields = kHost, std::string_view version = "1.1") {
  return fmt::format("GET {} HTTP/{}\r\n{}\r\n", target, version, fields);
}

std::string post(std::string_view fields, std::string_view body) {
  return fmt::format("POST /verify HTTP/1.1\r\n{}{}\r\n{}", kHost, fields, body);
}

std::string chunked(std::string_view body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

/// What `read` gives for a chunked request with that body.
std::string chunked_result(std::string_view body) {
  return fmt::format("POST /verify  [Host: auth.example;Transfer-Encoding: chunked;] keep {}\n", body);
}

// --- Good requests

TEST(RequestReader, RequestWithoutBodyIsRead) {
  EXPECT_EQ(read(get("/health", "Host: a\r\nX-B:\t c d \t\r\nX-Empty:\r\n")),
            "GET /health  [Host: a;X-B: c d;X-Empty: ;] keep \n");
}

TEST(RequestReader, RequestWithContentLengthIsRead) {
  EXPECT_EQ(read(post("Content-Length: 4\r\n", "body")),
            "POST /verify  [Host: auth.example;Content-Length: 4;] keep body\n");
  EXPECT_EQ(read(post("content-length: 0004\r\n", "b\r\nc")),
            "POST /verify  [Host: auth.example;content-length: 0004;] keep b\r\nc\n");
  EXPECT_EQ(read(post("Content-Length: 0\r\n", "")), "POST /verify  [Host: auth.example;Content-Length: 0;] keep \n");
}

TEST(RequestReader, BodyMayHoldAnyBytes) {
  const std::string body("\0\r\n\r\n\n\x7F\xFF", 8);
  EXPECT_TRUE(read(post("Content-Length: 8\r\n", body)).ends_with("keep " + body + "\n"));
}

TEST(RequestReader, PipelinedRequestsAreReadInOrder) {
  EXPECT_EQ(read(get("/a", "Host: a\r\n") + post("Content-Length: 1\r\n", "x") + chunked("1\r\ny\r\n0\r\n\r\n") +
                 get("/b", "Host: a\r\n")),
            "GET /a  [Host: a;] keep \n"
            "POST /verify  [Host: auth.example;Content-Length: 1;] keep x\n" +
                chunked_result("y") + "GET /b  [Host: a;] keep \n");
}

TEST(RequestReader, TargetIsSplitIntoPathAndQuery) {
  const auto path_and_query = [](std::string_view target) {
    const std::string line = read(get(target, "Host: a\r\n"));
    return line.substr(4, line.find(" [") - 4);
  };
  EXPECT_EQ(path_and_query("/a?b=c?d"), "/a b=c?d");
  EXPECT_EQ(path_and_query("/?"), "/ ");
  EXPECT_EQ(path_and_query("//a//"), "//a// ");
  EXPECT_EQ(path_and_query("/%00{|}\"\xC3\xA4"), "/%00{|}\"\xC3\xA4 ");
  EXPECT_EQ(path_and_query("http://auth.example/a?b"), "/a b");
  EXPECT_EQ(path_and_query("HTTPS://[::1]:443/a"), "/a ");
  EXPECT_EQ(path_and_query("http://auth.example"), "/ ");
  EXPECT_EQ(path_and_query("http://auth.example?b"), "/ b");
}

TEST(RequestReader, MethodsAreTokensOfAnyName) {
  EXPECT_EQ(read("b-r_E!w /a HTTP/1.1\r\nHost: a\r\n\r\n"), "b-r_E!w /a  [Host: a;] keep \n");
}

TEST(RequestReader, HostMayBeANameOrAnAddressWithAPort) {
  for (const std::string_view host : {"a", "a.b:80", "127.0.0.1", "[::1]", "[::1]:8080", "a_b", "a:", "xn--a%20"}) {
    EXPECT_TRUE(read(get("/a", fmt::format("Host: {}\r\n", host))).starts_with("GET")) << host;
  }
  for (const std::string_view host : {"a b", "a:b", "a:1:2", "::1", "[::1", "[]", "[::1]8", ":80", "a\"", "\xC3\xA4"}) {
    EXPECT_EQ(read(get("/a", fmt::format("Host: {}\r\n", host))), "400\n") << host;
  }
}

TEST(RequestReader, ConnectionIsKeptAsTheProtocolSays) {
  struct Case {
    std::string_view version;
    std::string_view connection;
    bool keep;
  };
  for (const auto& [version, connection, keep] :
       {Case{"1.1", "", true}, Case{"1.1", "Connection: close\r\n", false}, Case{"1.1", "Connection: Close\r\n", false},
        Case{"1.1", "Connection: keep-alive, CLOSE\r\n", false}, Case{"1.1", "Connection: upgrade\r\n", true},
        Case{"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false}, Case{"1.0", "", false},
        Case{"1.0", "Connection: Keep-Alive\r\n", true}, Case{"1.0", "Connection: close, keep-alive\r\n", false}}) {
    const std::string text = read(get("/a", fmt::format("Host: a\r\n{}", connection), version));
    EXPECT_EQ(text.ends_with("] keep \n"), keep) << version << ' ' << connection << text;
    EXPECT_TRUE(text.starts_with("GET /a")) << text;
  }
}

TEST(RequestReader, Http10NeedsNoHost) {
  EXPECT_EQ(read("GET /a HTTP/1.0\r\n\r\n"), "GET /a  [] close \n");
}

TEST(RequestReader, OneEmptyLineBeforeARequestIsPassedOver) {
  EXPECT_EQ(read("\r\n" + get("/a", "Host: a\r\n") + "\r\n" + get("/b", "Host: a\r\n") + "\r\n"),
            "GET /a  [Host: a;] keep \nGET /b  [Host: a;] keep \n");
  EXPECT_EQ(read("\r\n\r\n" + get("/a")), "400\n");
  EXPECT_EQ(read("\n" + get("/a")), "400\n");
  EXPECT_EQ(read("\r" + get("/a")), "400\n");
}

TEST(RequestReader, ConnectionIsIdleUntilARequestHasBegun) {
  EXPECT_EQ(Transcript().feed("\r\n", 1).awaited(), NeedMore::Part::start);
  EXPECT_EQ(Transcript().feed("\r\nG", 1).awaited(), NeedMore::Part::header);
  EXPECT_EQ(Transcript().feed(post("Content-Length: 1\r\n", ""), 1).awaited(), NeedMore::Part::body);
}

// --- Chunked bodies

TEST(RequestReader, ChunkedBodyIsDecoded) {
  EXPECT_EQ(read(chunked("0\r\n\r\n")), chunked_result(""));
  EXPECT_EQ(read(chunked("5\r\nhello\r\n00A\r\n, world\r\n!\r\n0\r\n\r\n")), chunked_result("hello, world\r\n!"));
  EXPECT_EQ(read(chunked("000000000000000a\r\n0123456789\r\n0000\r\n\r\n")), chunked_result("0123456789"));
}

TEST(RequestReader, ChunkExtensionsAndTrailersAreIgnored) {
  EXPECT_EQ(
      read(chunked("1;a\r\nx\r\n1 ; a = b ;c=\"d\\\"\t;e\"\r\ny\r\n0;a=\"\"\r\nX-A: b\r\nContent-Length: 7\r\n\r\n")),
      chunked_result("xy"));
}

TEST(RequestReader, BrokenChunkExtensionsAreRefused) {
  for (const std::string_view extension :
       {";", ";;a", ";a=", ";a=\"", ";a=\"\\\"", ";a b", "g", ";a=b=c", ";a;", " "}) {
    EXPECT_EQ(read(chunked(fmt::format("1{}\r\nx\r\n0\r\n\r\n", extension))), "400\n") << extension;
  }
}

TEST(RequestReader, DecodedPartOfAChunkedBodyIsNotBuffered) {
  Transcript transcript;
  transcript.feed(chunked(""), 1000);
  const size_t head_bytes = transcript.buffered();
  transcript.feed("1000\r\n" + std::string(4000, 'x'), 1000);
  EXPECT_EQ(transcript.buffered(), head_bytes);
  transcript.feed(std::string(96, 'x') + "\r\n0\r\n\r\n", 10);
  EXPECT_EQ(transcript.text(), chunked_result(std::string(4096, 'x')));
  EXPECT_EQ(transcript.buffered(), 0U);
}

// --- Expectations

TEST(RequestReader, ContinueIsWantedWhileNoBodyHasCome) {
  const std::string head = post("Expect: 100-Continue\r\nContent-Length: 4\r\n", "");
  Transcript slow;
  slow.feed(head, head.size());
  EXPECT_TRUE(slow.continued());
  EXPECT_FALSE(Transcript().feed(head + "bo", 1000).continued());
  EXPECT_FALSE(Transcript().feed(head + "body", 1000).continued());
  const std::string chunked_head = post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "");
  EXPECT_TRUE(Transcript().feed(chunked_head, 1000).continued());
}

TEST(RequestReader, ContinueIsToldOnce) {
  RequestReader reader;
  const std::string head = post("Expect: 100-continue\r\nContent-Length: 4\r\n", "");
  EXPECT_TRUE(std::get<NeedMore>(reader.read(head)).wants_continue);
  EXPECT_FALSE(std::get<NeedMore>(reader.read(head)).wants_continue);
}

TEST(RequestReader, ContinueIsNotToldWithoutABodyOrToHttp10) {
  EXPECT_FALSE(Transcript().feed(post("Expect: 100-continue\r\n", ""), 1000).continued());
  Transcript old;
  old.feed("POST /verify HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", 1000);
  EXPECT_FALSE(old.continued());
  EXPECT_EQ(old.awaited(), NeedMore::Part::body);
}

// --- Limits

TEST(RequestReader, HeadOf32KiBIsReadAndALongerOneIsNot) {
  const auto head_of = [](size_t bytes) {
    const std::string shortest = get("/a", "Host: a\r\nX: \r\n");
    return get("/a", fmt::format("Host: a\r\nX: {}\r\n", std::string(bytes - shortest.size(), 'x')));
  };
  EXPECT_TRUE(read(head_of(limits::kHeaderBytesMax)).starts_with("GET /a"));
  EXPECT_TRUE(read("\r\n" + head_of(limits::kHeaderBytesMax)).starts_with("GET /a"));
  EXPECT_EQ(read(head_of(limits::kHeaderBytesMax + 1)), "431\n");
}

TEST(RequestReader, HeadMayHaveAsManyFieldsAsFit) {
  std::string fields = "Host: a\r\n";
  while (fields.size() < 32'000) fields += "a:\r\n";
  EXPECT_TRUE(read(get("/a", fields)).starts_with("GET /a"));
}

TEST(RequestReader, ManyFieldsAreThereWhenTheBodyHasCome) {
  std::string fields = "Content-Length: 4\r\n";
  for (int n = 0; n < 1000; ++n) fields += fmt::format("X-{}: {}\r\n", n, n);
  Transcript transcript;
  const std::string request = post(fields, "body");
  transcript.feed(std::string_view(request).substr(0, request.size() - 2), 4096);
  EXPECT_EQ(transcript.awaited(), NeedMore::Part::body);
  transcript.feed(std::string_view(request).substr(request.size() - 2), 4096);
  EXPECT_NE(transcript.text().find("X-999: 999;] keep body\n"), std::string::npos);
}

TEST(RequestReader, BodyOf64KiBIsReadAndALongerOneIsNot) {
  const auto sized = [](size_t bytes) {
    return post(fmt::format("Content-Length: {}\r\n", bytes), std::string(bytes, 'x'));
  };
  const auto in_chunks = [](size_t bytes) {
    return chunked(fmt::format("8000\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", std::string(0x8000, 'x'), bytes - 0x8000,
                               std::string(bytes - 0x8000, 'y')));
  };
  EXPECT_TRUE(read(sized(limits::kBodyBytesMax)).starts_with("POST"));
  EXPECT_EQ(read(sized(limits::kBodyBytesMax + 1)), "413\n");
  EXPECT_TRUE(read(in_chunks(limits::kBodyBytesMax)).starts_with("POST"));
  EXPECT_EQ(read(in_chunks(limits::kBodyBytesMax + 1)), "413\n");
}

TEST(RequestReader, BodyLimitMayDependOnThePath) {
  RequestReader reader([](std::string_view path) -> BodyRule { return {.bytes_max = path == "/long" ? 5U : 2U}; });
  const auto request = [](std::string_view path) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", path);
  };
  EXPECT_TRUE(std::holds_alternative<Ready>(reader.read(request("/long"))));
  reader.next();
  EXPECT_EQ(std::get<Refused>(reader.read(request("/short"))).status, 413);
}

// --- Malformed requests: tests/http/malformed

struct Malformed {
  int status;
  std::string name;
  std::string bytes;
};

/// `{{a*40000}}` in a file stands for so many of that character.
std::string expand(std::string text) {
  for (size_t begin = 0; (begin = text.find("{{", begin)) != std::string::npos;) {
    const size_t end = text.find("}}", begin);
    size_t count = 0;
    std::from_chars(text.data() + begin + 4, text.data() + end, count);
    text.replace(begin, end + 2 - begin, std::string(count, text[begin + 2]));
    begin += count;
  }
  return text;
}

/// Each file of the folder; its name begins with the status that it gets.
std::vector<Malformed> malformed_requests() {
  std::vector<Malformed> requests;
  for (const auto& entry : std::filesystem::directory_iterator(HEARE_MALFORMED_REQUESTS)) {
    if (entry.path().extension() != ".http") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::string name = entry.path().stem().string();
    int status = 0;
    std::from_chars(name.data(), name.data() + name.size(), status);
    requests.push_back({status, name, expand(bytes)});
  }
  return requests;
}

TEST(RequestReader, MalformedRequestsAreRefusedInOnePieceAndByteByByte) {
  const auto requests = malformed_requests();
  EXPECT_GE(requests.size(), 40U);
  for (const Malformed& request : requests) {
    // What gets 408 is merely not whole: it is for the session's deadline to refuse.
    const std::string expected = request.status == 408 ? "" : fmt::format("{}\n", request.status);
    EXPECT_EQ(read(request.bytes), expected) << request.name;
  }
}

TEST(RequestReader, ControlCharactersAreRefusedAsSoonAsTheyAreSeen) {
  for (int c = 0; c < 0x20; ++c) {
    if (c == '\t' || c == '\r') continue;
    EXPECT_EQ(read(std::string("GET /a HTTP/1.1\r\nX: long enough for whole words") + static_cast<char>(c)), "400\n")
        << c;
  }
  EXPECT_EQ(read("GET /a HTTP/1.1\r\nX: \x7F"), "400\n");
  EXPECT_EQ(read(get("/a", "Host: a\r\nX: \t\x80\xFF~\r\n")), "GET /a  [Host: a;X: \x80\xFF~;] keep \n");
}

TEST(RequestReader, RefusedConnectionCanBeUsedAgainAfterNext) {
  RequestReader reader;
  EXPECT_TRUE(std::holds_alternative<Refused>(reader.read("\n")));
  reader.next();
  EXPECT_TRUE(std::holds_alternative<Ready>(reader.read(get("/a"))));
}

}  // namespace
}  // namespace heare::http
