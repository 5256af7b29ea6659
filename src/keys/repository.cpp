#include "keys/repository.h"

#include <algorithm>
#include <utility>

namespace heare::keys {
namespace {

using std::chrono::milliseconds;

/// First and longest pause between two tries of an edit; each is doubled from the one before and then drawn evenly
/// from [0, pause) (full jitter), so that racing writers fall out of step.
constexpr milliseconds kFirstPause{25};
constexpr milliseconds kLongestPause{2000};
/// What a slow link needs for a large document, on top of the edit's time: read and written at 5 MB/s.
constexpr size_t kBytesPerMillisecond = 5000;

/// Hands everything to both, `second` being optional.
class ForkedSink final : public storage::ByteSink {
 public:
  ForkedSink(storage::ByteSink& first, storage::ByteSink* second) : first_(first), second_(second) {}

  void restart() override {
    first_.restart();
    if (second_ != nullptr) second_->restart();
  }
  Result<> append(std::string_view bytes) override {
    if (Result<> done = first_.append(bytes); !done || second_ == nullptr) return done;
    return second_->append(bytes);
  }

 private:
  storage::ByteSink& first_;
  storage::ByteSink* second_;
};

/// Takes a document into memory, and tells how far that is.
class CountedSink final : public storage::ByteSink {
 public:
  explicit CountedSink(const Progress& progress) : progress_(progress) {}

  void restart() override { bytes.clear(); }
  Result<> append(std::string_view part) override {
    bytes += part;
    progress_(Step::reading, bytes.size());
    return {};
  }

  std::string bytes;

 private:
  const Progress& progress_;
};

}  // namespace

/// A document and the state of the store that it was read from.
struct KeyRepository::Version {
  KeyDocument document;
  /// What a write must find unchanged.
  storage::Precondition precondition;
  bool absent;
};

/// How often an edit may try again, and when.
class KeyRepository::Attempts {
 public:
  Attempts(const Clock& clock, Random& random, milliseconds timeout)
      : clock_(clock), random_(random), deadline_(clock.steady_now() + timeout) {}

  /// Allows for a document of this size, once.
  void extend_for(size_t bytes) {
    if (std::exchange(extended_, true)) return;
    deadline_ += milliseconds(2 * bytes / kBytesPerMillisecond);
  }

  /// Waits before the next try; false where the time is up.
  bool pause() {
    const milliseconds longest = std::min(kLongestPause, kFirstPause * (1U << std::min(tries_++, 10U)));
    const auto wait = milliseconds(random_.below(static_cast<uint32_t>(longest.count()) + 1));
    if (clock_.steady_now() + wait >= deadline_) return false;
    clock_.sleep_for(wait);
    return true;
  }

 private:
  const Clock& clock_;
  Random& random_;
  SteadyTime deadline_;
  unsigned tries_ = 0;
  bool extended_ = false;
};

Result<KeyRepository::LoadOutcome> KeyRepository::load(const std::optional<storage::EntityTag>& known,
                                                       storage::ByteSink* copy) {
  const std::unique_ptr<DocumentLoader> loader = make_document_loader(cipher_);
  ForkedSink sink(*loader, copy);
  const Result<storage::GetOutcome> got = store_.get(known, sink);
  if (!got && !loader->refused()) return std::unexpected(got.error());
  if (got && std::holds_alternative<storage::NotModified>(*got)) return storage::NotModified();
  if (got && std::holds_alternative<storage::Absent>(*got)) return storage::Absent();
  Result<Loaded> loaded = loader->finish();
  if (!loaded) return fail_in(url(), loaded.error());
  return Snapshot{std::move(*loaded), std::get<storage::Read>(*got).tag};
}

Result<std::optional<storage::EntityTag>> KeyRepository::copy(storage::ByteSink& copy) {
  const Result<storage::GetOutcome> got = store_.get(std::nullopt, copy);
  if (!got) return std::unexpected(got.error());
  const auto* const read = std::get_if<storage::Read>(&*got);
  return read == nullptr ? std::nullopt : std::optional(read->tag);
}

Result<KeyRepository::Version> KeyRepository::fetch() {
  CountedSink sink(progress_);
  const Result<storage::GetOutcome> got = store_.get(std::nullopt, sink);
  if (!got) return std::unexpected(got.error());
  const auto* const read = std::get_if<storage::Read>(&*got);
  sealed_as_now_ = true;
  if (read == nullptr) return Version{KeyDocument::empty(), storage::IfAbsent(), true};

  progress_(Step::checking, sink.bytes.size());
  Result<DocumentCipher::Opened> opened = cipher_.open(std::move(sink.bytes));
  if (!opened) return fail_in(url(), opened.error());
  sealed_as_now_ = opened->as_sealed_now;
  Result<KeyDocument> document = KeyDocument::parse(std::move(opened->json));
  if (!document) return fail_in(url(), document.error());
  return Version{std::move(*document), storage::IfMatch(read->tag), false};
}

Result<std::optional<KeyDocument>> KeyRepository::read() {
  Result<Version> version = fetch();
  if (!version) return std::unexpected(version.error());
  if (version->absent) return std::nullopt;
  return std::move(version->document);
}

Result<> KeyRepository::check_sealing() const {
  if (cipher_.encrypts() || sealed_as_now_) return {};
  return fail(ErrorCode::invalid,
              "{}: the document is encrypted and would be written plain; set STORAGE_SECRET, with "
              "STORAGE_SECRET_PREVIOUS alone it can only be read",
              url());
}

/// One edit, from its first try to its last look.
class KeyRepository::EditRun {
 public:
  EditRun(KeyRepository& repository, const Edit& change, IfAbsent if_absent)
      : repository_(repository),
        change_(change),
        if_absent_(if_absent),
        attempts_(repository.clock_, repository.random_, repository.options_.edit_timeout),
        error_{ErrorCode::conflict, repository.url() + ": other writers were faster every time; try again"} {}

  Result<> run() {
    Next next = Next::again;
    do {
      next = try_once();
    } while (next == Next::again && attempts_.pause());
    if (next == Next::done) return {};
    if (!uncertain_) return std::unexpected(error_);
    return take_last_look();
  }

 private:
  enum class Next { done, again, stop };

  Next stop(Error error) {
    error_ = std::move(error);
    return Next::stop;
  }

  Next try_once() {
    Result<Version> version = repository_.fetch();
    if (!version) {
      // As a write may be there, whether it is must be found out.
      error_ = version.error();
      return uncertain_ ? Next::again : Next::stop;
    }
    if (Result<> present = check_presence(*version); !present) return stop(std::move(present.error()));
    const size_t size = version->document.json().size();
    attempts_.extend_for(size);
    repository_.progress_(Step::changing, size);
    const Result<bool> changed = change_(version->document, uncertain_);
    if (!changed) return stop(changed.error());
    if (!*changed) return Next::done;
    if (Result<> allowed = repository_.check_sealing(); !allowed) return stop(std::move(allowed.error()));
    return write(std::move(*version));
  }

  Result<> check_presence(const Version& version) {
    if (version.absent && existed_) {
      return fail(ErrorCode::not_found, "{}: the document has vanished meanwhile; nothing was recreated",
                  repository_.url());
    }
    if (version.absent && if_absent_ == IfAbsent::fail) {
      return fail(ErrorCode::not_found, "{}: there is no document", repository_.url());
    }
    existed_ = !version.absent;
    return {};
  }

  Next write(Version version) {
    const DocumentCipher& cipher = repository_.cipher_;
    const std::string bytes =
        cipher.seal(std::move(version.document).take_json(), repository_.clock_.now(), repository_.random_);
    const storage::Precondition precondition =
        repository_.options_.unconditional_writes ? storage::Unconditional() : std::move(version.precondition);
    repository_.progress_(Step::writing, bytes.size());
    const Result<storage::PutOutcome> put = repository_.store_.put({bytes, cipher.content_type()}, precondition);
    if (put) return std::holds_alternative<storage::Stored>(*put) ? Next::done : Next::again;
    error_ = put.error();
    uncertain_ = uncertain_ || error_.code == ErrorCode::unknown_outcome;
    return uncertain_ ? Next::again : Next::stop;
  }

  /// The write may have taken up all of the time, and be there. What may have been written is never called failed,
  /// whatever others have made of the document since.
  Result<> take_last_look() {
    Result<Version> version = repository_.fetch();
    const Result<bool> missing = version && !(version->absent && existed_) ? change_(version->document, true) : true;
    if (missing && !*missing) return {};
    return fail(ErrorCode::unknown_outcome, "the write was sent, and whether it took effect cannot be told: {}",
                error_.message);
  }

  KeyRepository& repository_;
  const Edit& change_;
  const IfAbsent if_absent_;
  Attempts attempts_;
  /// A write was sent and may have taken effect, now or later.
  bool uncertain_ = false;
  /// There was a document when it was last read.
  bool existed_ = false;
  /// Why it is not done yet.
  Error error_;
};

Result<> KeyRepository::edit(const Edit& change, IfAbsent if_absent) {
  return EditRun(*this, change, if_absent).run();
}

}  // namespace heare::keys
