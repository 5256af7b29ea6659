#include "s3/s3_store.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "s3/object_client.h"

namespace heare::s3 {
namespace {

using storage::Absent;
using storage::Conflict;
using storage::EntityTag;
using storage::GetOutcome;
using storage::IfAbsent;
using storage::IfMatch;
using storage::NotModified;
using storage::Object;
using storage::Precondition;
using storage::PutOutcome;
using storage::Read;
using storage::Stored;

/// How an entity tag is written in a condition.
enum class TagForm {
  as_received,
  /// With quotes where it came without, and without where it came with them. Some stores give out the one and take
  /// the other.
  other,
};

/// A tag as the store gave it. A proxy that compresses marks it as weak (`W/`), which no write may be conditional on;
/// the store itself knows it without.
EntityTag tag_of(const Answer& answer) {
  std::string_view tag = answer.http.header("etag");
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return {std::string(tag)};
}

/// It can stand in a header. A tag may come from a file beside a cache, in which anything may be written.
bool is_sendable(const EntityTag& tag) {
  return !tag.value.empty() && std::ranges::all_of(tag.value, [](char c) { return c > ' ' && c < '\x7F'; });
}

std::string write_tag(const EntityTag& tag, TagForm form) {
  if (form == TagForm::as_received) return tag.value;
  const std::string_view value = tag.value;
  const bool is_quoted = value.size() >= 2 && value.starts_with('"') && value.ends_with('"');
  return is_quoted ? std::string(value.substr(1, value.size() - 2)) : fmt::format("\"{}\"", value);
}

/// Leaves the real sink alone until the first byte comes: a 304 must not touch it.
class LateSink final : public storage::ByteSink {
 public:
  explicit LateSink(storage::ByteSink& sink) : sink_(sink) {}

  void restart() override { begun_ = false; }
  Result<> append(std::string_view bytes) override {
    begin();
    return sink_.append(bytes);
  }
  /// An object without a byte is one too.
  void begin() {
    if (!std::exchange(begun_, true)) sink_.restart();
  }

 private:
  storage::ByteSink& sink_;
  bool begun_ = false;
};

class S3StoreImpl final : public S3Store {
 public:
  S3StoreImpl(S3Location location, S3Dependencies dependencies, std::chrono::milliseconds patience)
      : client_(std::move(location), dependencies, patience) {}

  Result<GetOutcome> get(const std::optional<EntityTag>& known, storage::ByteSink& sink) override;
  Result<PutOutcome> put(const Object& object, const Precondition& precondition) override;
  Result<> remove() override;
  std::string url() const override { return client_.url(); }
  S3Facts facts() const override { return client_.facts(); }

 private:
  Result<Answer> send_put(const Object& object, const IfMatch& match);
  bool still_is(const EntityTag& tag);

  ObjectClient client_;
  /// The form in which this store takes tags, as far as is known.
  TagForm tag_form_ = TagForm::as_received;
  /// It has taken a tag in that form: what it refuses from now on has changed.
  bool tag_form_is_proved_ = false;
};

Result<GetOutcome> S3StoreImpl::get(const std::optional<EntityTag>& known, storage::ByteSink& sink) {
  LateSink late(sink);
  ObjectRequest request{.operation = Operation::read, .method = "GET", .headers = {}, .body = {}, .sink = &late};
  const bool is_conditional = known && is_sendable(*known);
  if (is_conditional) request.headers.push_back({"If-None-Match", write_tag(*known, tag_form_)});

  Result<Answer> answer = client_.send(request);
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (answer->http.status == 304 && is_conditional) return NotModified();
  if (answer->http.status == 404 && answer->error.code == "NoSuchKey") return Absent();
  if (answer->http.status != 200) return std::unexpected(client_.refused(*answer, request));
  late.begin();
  EntityTag tag = tag_of(*answer);
  if (!is_sendable(tag)) {
    return fail(ErrorCode::invalid, "reading {}: the answer has no usable ETag, without which no write is safe", url());
  }
  return Read{std::move(tag)};
}

ObjectRequest put_request(const Object& object) {
  return {.operation = Operation::write,
          .method = "PUT",
          .headers = {{"Content-Type", std::string(object.content_type)}},
          .body = object.bytes};
}

Result<PutOutcome> S3StoreImpl::put(const Object& object, const Precondition& precondition) {
  if (object.bytes.size() > limits::kDocumentBytesMax) {
    return fail(ErrorCode::invalid, "writing {}: larger than {} bytes", url(), limits::kDocumentBytesMax);
  }
  ObjectRequest request = put_request(object);
  const auto* const match = std::get_if<IfMatch>(&precondition);
  if (match != nullptr && !is_sendable(match->tag)) {
    return fail(ErrorCode::invalid, "writing {}: the entity tag to match is none of S3's", url());
  }
  if (std::holds_alternative<IfAbsent>(precondition)) request.headers.push_back({"If-None-Match", "*"});

  Result<Answer> answer = match != nullptr ? send_put(object, *match) : client_.send(request);
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (answer->is_success()) return Stored{tag_of(*answer)};
  const bool is_conditional = !std::holds_alternative<storage::Unconditional>(precondition);
  // 409: another write to this object is under way (ConditionalRequestConflict and its like in other stores).
  if ((answer->http.status == 412 && is_conditional) || answer->http.status == 409) return Conflict();
  return std::unexpected(client_.refused(*answer, request, is_conditional));
}

/// A 412 tells either that the object has changed or that the store does not know its own tag in this form. Where it
/// has not changed, the other form is tried, once; the condition holds for that write as well, so that nothing can be
/// lost by it. Once a form has been taken, a 412 needs no second look.
Result<Answer> S3StoreImpl::send_put(const Object& object, const IfMatch& match) {
  const auto send = [&](TagForm form) {
    ObjectRequest request = put_request(object);
    request.headers.push_back({"If-Match", write_tag(match.tag, form)});
    return client_.send(request);
  };
  Result<Answer> answer = send(tag_form_);
  if (answer && answer->http.status == 412 && !tag_form_is_proved_ && still_is(match.tag)) {
    const TagForm other = tag_form_ == TagForm::as_received ? TagForm::other : TagForm::as_received;
    answer = send(other);
    if (answer && answer->is_success()) tag_form_ = other;
  }
  if (answer && answer->is_success()) tag_form_is_proved_ = true;
  return answer;
}

bool S3StoreImpl::still_is(const EntityTag& tag) {
  const Result<Answer> answer =
      client_.send({.operation = Operation::read, .method = "HEAD", .headers = {}, .body = {}});
  // Whatever else it is: the caller reads again, and sees.
  return answer && answer->http.status == 200 && tag_of(*answer) == tag;
}

Result<> S3StoreImpl::remove() {
  const ObjectRequest request{.operation = Operation::remove, .method = "DELETE", .headers = {}, .body = {}};
  const Result<Answer> answer = client_.send(request);
  if (!answer) return std::unexpected(answer.error());
  const bool is_gone = answer->http.status == 404 && answer->error.code == "NoSuchKey";
  if (answer->is_success() || is_gone) return {};
  return std::unexpected(client_.refused(*answer, request));
}

}  // namespace

std::unique_ptr<S3Store> make_s3_store(S3Location location, S3Dependencies dependencies,
                                       std::chrono::milliseconds patience) {
  return std::make_unique<S3StoreImpl>(std::move(location), dependencies, patience);
}

}  // namespace heare::s3
