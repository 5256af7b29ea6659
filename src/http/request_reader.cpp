#include "http/request_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/limits.h"
#include "http/chunk_decoder.h"
#include "http/forward_auth.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "http/line_scanner.h"
#include "http/request_target.h"

namespace heare::http {
namespace {

/// What a connection keeps between requests at most: thousands of idle ones must stay cheap.
constexpr size_t kIdleBodyBytesMax = 4096;

constexpr std::string_view kEmptyLine = "\r\n";

}  // namespace

struct RequestReader::State {
  using Outcome = std::variant<NeedMore, Refused, Ready>;

  explicit State(BodyRules rules) : body_rules(rules) {}

  const BodyRules body_rules;

  // --- Where the head begins, and the lines of it found so far
  size_t start = 0;
  LineScanner lines;
  HeadParser parser;

  // --- The head, once it is whole (then `head_end` is not 0)
  size_t head_end = 0;
  /// Where the bytes lay that the views in `head` and `target` point into.
  const char* viewed = nullptr;
  Head head;
  Target target;
  Framing framing;
  bool is_head = false;
  bool told_to_continue = false;
  BodyRule rule{};

  // --- A chunked body
  ChunkDecoder chunks;
  std::string body;

  void reset();
  std::optional<NeedMore> find_start(std::string_view buffered);
  /// Finds the end of the head; nothing once it is found.
  std::optional<Outcome> find_head(std::string_view buffered);
  /// Reads the head that has been found; nothing where it is good.
  std::optional<Refused> read_head(std::string_view buffered);
  /// Points `head` and `target` into `buffered`. False where the target is none.
  bool view_head(std::string_view buffered);
  Outcome read_sized_body(std::string_view buffered);
  Outcome read_chunked_body(std::string_view buffered);
  /// Goes past what has come of a body that is ignored.
  Outcome skip_sized_body(std::string_view buffered);
  /// The request whose body is ignored and too long to wait for.
  Ready without_the_rest(std::string_view buffered) const;
  NeedMore need_body(bool any_byte);
  Ready ready(std::string_view request_body, size_t consumed) const;
};

Refused refuse(int status) {
  switch (status) {
    case 408:
      return {408, "Request timeout"};
    case 413:
      return {413, "Request body too large"};
    case 417:
      return {417, "Expectation failed"};
    case 431:
      return {431, "Request header too large"};
    default:
      return {400, "Bad request"};
  }
}

BodyRule default_body_rule(std::string_view path) {
  if (is_forward_auth(path)) return {.bytes_max = limits::kIgnoredBodyBytesMax, .ignored = true};
  return {.bytes_max = limits::kBodyBytesMax};
}

RequestReader::RequestReader(BodyRules body_rules) : state_(std::make_unique<State>(body_rules)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

std::variant<NeedMore, Refused, Ready> RequestReader::read(std::string_view buffered) {
  State& state = *state_;
  if (state.head_end == 0) {
    if (const auto nothing = state.find_start(buffered)) return *nothing;
    if (const auto outcome = state.find_head(buffered)) return *outcome;
    if (const auto refused = state.read_head(buffered)) return *refused;
  } else if (state.viewed != buffered.data()) {
    // The buffer has grown and moved while the body came, or the views were too many to keep.
    state.view_head(buffered);
  }
  if (state.framing.chunked) return state.read_chunked_body(buffered);
  return state.rule.ignored ? state.skip_sized_body(buffered) : state.read_sized_body(buffered);
}

void RequestReader::next() {
  state_->reset();
}

bool RequestReader::is_head() const {
  return state_->is_head;
}

void RequestReader::State::reset() {
  start = 0;
  lines.restart(0);
  parser.restart();
  head_end = 0;
  viewed = nullptr;
  is_head = false;
  told_to_continue = false;
  body.clear();
  if (body.capacity() > kIdleBodyBytesMax) body.shrink_to_fit();
  head.fields.clear();
  if (head.fields.capacity() > kIdleFieldsMax) head.fields.shrink_to_fit();
}

std::optional<NeedMore> RequestReader::State::find_start(std::string_view buffered) {
  if (start == 0 && buffered.starts_with(kEmptyLine)) {
    start = kEmptyLine.size();
    lines.restart(start);
  }
  const auto request = buffered.substr(start);
  const bool may_be_empty_line = start == 0 && request == kEmptyLine.substr(0, 1);
  if (request.empty() || may_be_empty_line) return NeedMore{NeedMore::Part::start};
  return std::nullopt;
}

std::optional<RequestReader::State::Outcome> RequestReader::State::find_head(std::string_view buffered) {
  const size_t end = start + limits::kHeaderBytesMax;
  while (true) {
    const auto [found, line] = lines.next(buffered, end);
    if (found == LineScanner::Outcome::bad) return refuse(400);
    if (found == LineScanner::Outcome::more) {
      if (buffered.size() >= end) return refuse(431);
      return NeedMore{NeedMore::Part::header};
    }
    if (line.empty() && parser.has_request_line()) {
      head_end = lines.position();
      return std::nullopt;
    }
    if (!parser.add(line, static_cast<size_t>(line.data() - buffered.data()))) return refuse(400);
  }
}

std::optional<Refused> RequestReader::State::read_head(std::string_view buffered) {
  if (!view_head(buffered)) return refuse(400);
  const auto judged = judge_framing(head);
  if (!judged) return refuse(judged.error());
  framing = *judged;
  rule = body_rules(target.path);
  if (!rule.ignored && framing.expects_other) return refuse(417);
  if (!rule.ignored && framing.body_bytes > rule.bytes_max) return refuse(413);
  if (framing.chunked) chunks.restart(head_end, rule.bytes_max);
  return std::nullopt;
}

bool RequestReader::State::view_head(std::string_view buffered) {
  viewed = buffered.data();
  parser.view(buffered, head);
  is_head = head.method == "HEAD";
  const auto parts = split_target(head.target);
  if (!parts) return false;
  target = *parts;
  return true;
}

RequestReader::State::Outcome RequestReader::State::read_sized_body(std::string_view buffered) {
  const auto arrived = buffered.substr(head_end);
  if (arrived.size() < framing.body_bytes) return need_body(!arrived.empty());
  return ready(arrived.substr(0, framing.body_bytes), head_end + framing.body_bytes);
}

RequestReader::State::Outcome RequestReader::State::skip_sized_body(std::string_view buffered) {
  if (framing.body_bytes > rule.bytes_max) return without_the_rest(buffered);
  const size_t arrived = std::min<uint64_t>(buffered.size() - head_end, framing.body_bytes);
  if (arrived == framing.body_bytes) return ready({}, head_end + arrived);
  framing.body_bytes -= arrived;
  NeedMore more = need_body(arrived > 0);
  more.drop_at = head_end;
  more.drop_count = arrived;
  return more;
}

RequestReader::State::Outcome RequestReader::State::read_chunked_body(std::string_view buffered) {
  const auto outcome = chunks.decode(buffered, body);
  if (rule.ignored) body.clear();
  switch (outcome) {
    case ChunkDecoder::Outcome::done:
      return ready(body, chunks.position());
    case ChunkDecoder::Outcome::malformed:
      return refuse(400);
    case ChunkDecoder::Outcome::body_too_large:
      if (rule.ignored) return without_the_rest(buffered);
      return refuse(413);
    case ChunkDecoder::Outcome::trailers_too_large:
      if (rule.ignored) return without_the_rest(buffered);
      return refuse(431);
    case ChunkDecoder::Outcome::more:
      break;
  }
  NeedMore more = need_body(buffered.size() > head_end);
  more.drop_at = head_end;
  more.drop_count = chunks.position() - head_end;
  chunks.drop(more.drop_count);
  return more;
}

Ready RequestReader::State::without_the_rest(std::string_view buffered) const {
  Ready request = ready({}, buffered.size());
  request.keep_alive = false;
  return request;
}

NeedMore RequestReader::State::need_body(bool any_byte) {
  // RFC 9110 section 10.1.1: the interim answer may be left out once the body comes anyway.
  NeedMore more{NeedMore::Part::body, framing.expects_continue && !told_to_continue && !any_byte};
  told_to_continue = true;
  if (head.fields.size() > kIdleFieldsMax) {
    head.fields.clear();
    head.fields.shrink_to_fit();
    viewed = nullptr;
  }
  return more;
}

Ready RequestReader::State::ready(std::string_view request_body, size_t consumed) const {
  return {.request = {.method = head.method,
                      .path = target.path,
                      .query = target.query,
                      .fields = head.fields,
                      .body = request_body,
                      .peer_address = {}},
          .consumed = consumed,
          .keep_alive = framing.keep_alive,
          .http_1_0 = head.version == Version::http_1_0};
}

}  // namespace heare::http
