#include "keys/loader.h"

#include <optional>

#include "base/secret.h"
#include "keys/document_walk.h"
#include "keys/piece_thread.h"

namespace heare::keys {
namespace {

/// From JSON text to a snapshot.
class IndexLoader : private DocumentWalk::Handler {
 public:
  IndexLoader() : walk_(*this) {}

  Result<> append(std::string_view json) { return walk_.append(json); }

  Result<Loaded> finish() {
    if (const Result<> done = walk_.finish(); !done) return std::unexpected(done.error());
    loaded_.index = builder_.finish();
    return std::move(loaded_);
  }

 private:
  void restart() override {
    builder_.clear();
    loaded_ = {};
  }

  Result<> record(json::Value record, json::Span) override {
    if (Result<> read = reader_.read(record, key_); !read) return read;
    builder_.add(key_);
    if (key_.storage == SecretStorage::plain) ++loaded_.plain_secret_count;
    for (const std::string_view field : key_.doubtful) {
      if (loaded_.doubtful_field_count++ < kDoubtfulFieldsMax) {
        loaded_.doubtful_fields.push_back({key_.id, std::string(field)});
      }
    }
    return {};
  }

  DocumentWalk walk_;
  RecordReader reader_;
  ApiKey key_;
  KeyIndexBuilder builder_;
  Loaded loaded_;
};

/// One way to read an encrypted document. Its plaintext counts only where the token proves authentic, so a load that
/// fails on garbage still reads to the end: only there is it known whether the secret or the document is at fault.
class Decryption {
 public:
  explicit Decryption(const crypto::FernetKey& key)
      : parsing_([this](std::string_view json) { return loader_.append(json); }),
        token_(key, [this](std::string_view json) { (void)parsing_.append(json); }) {}

  void append(std::string_view token_part) { token_.append(token_part); }

  /// False where this is not the key, or the token is damaged.
  bool is_authentic() { return token_.finish().has_value(); }

  Result<Loaded> finish() {
    if (const Result<> parsed = parsing_.finish(); !parsed) return std::unexpected(parsed.error());
    return loader_.finish();
  }

 private:
  IndexLoader loader_;
  PieceThread parsing_;
  crypto::FernetReader token_;
};

/// From the bytes of the store to a snapshot: tells encrypted from plain.
class FormLoader {
 public:
  explicit FormLoader(const DocumentCipher& cipher) : cipher_(cipher) {}

  Result<> append(std::string_view bytes) {
    if (form_ != Form::unknown) return feed(bytes);
    head_ += bytes;
    if (head_.size() < kEncryptedHeader.size()) return {};
    if (auto decided = decide_form(); !decided) return decided;
    std::string_view rest = head_;
    if (form_ == Form::encrypted) rest.remove_prefix(kEncryptedHeader.size());
    Result<> fed = feed(rest);
    wipe(head_);
    return fed;
  }

  Result<Loaded> finish() {
    if (form_ == Form::encrypted) return finish_decryption();
    // Shorter than the header of an encrypted document: only plain JSON is.
    if (form_ == Form::unknown) (void)plain_.append(head_);
    return plain_.finish();
  }

 private:
  enum class Form { unknown, plain, encrypted };

  Result<> decide_form() {
    if (!head_.starts_with(kEncryptedHeader)) {
      form_ = Form::plain;
      return {};
    }
    form_ = Form::encrypted;
    for (const crypto::FernetKey* key : cipher_.reading_keys()) {
      decryptions_.push_back(std::make_unique<Decryption>(*key));
    }
    if (decryptions_.empty()) return std::unexpected(DocumentCipher::no_storage_secret());
    return {};
  }

  Result<> feed(std::string_view bytes) {
    if (form_ == Form::plain) return plain_.append(bytes);
    for (const std::unique_ptr<Decryption>& decryption : decryptions_) decryption->append(bytes);
    return {};
  }

  Result<Loaded> finish_decryption() {
    for (const std::unique_ptr<Decryption>& decryption : decryptions_) {
      if (decryption->is_authentic()) return decryption->finish();
    }
    return std::unexpected(DocumentCipher::wrong_storage_secret());
  }

  const DocumentCipher& cipher_;
  /// The first bytes, until they tell the form.
  std::string head_;
  Form form_ = Form::unknown;
  IndexLoader plain_;
  std::vector<std::unique_ptr<Decryption>> decryptions_;
};

/// Lets the store read on while what it has brought is worked on.
class ThreadedLoader final : public DocumentLoader {
 public:
  explicit ThreadedLoader(const DocumentCipher& cipher) : cipher_(cipher) { restart(); }

  void restart() override {
    // The thread goes before what it works with.
    thread_.reset();
    loader_.emplace(cipher_);
    thread_.emplace([this](std::string_view bytes) { return loader_->append(bytes); });
    refused_ = false;
  }

  Result<> append(std::string_view bytes) override {
    Result<> done = thread_->append(bytes);
    refused_ = !done;
    return done;
  }

  bool refused() const override { return refused_; }

  Result<Loaded> finish() override {
    if (const Result<> done = thread_->finish(); !done) return std::unexpected(done.error());
    return loader_->finish();
  }

 private:
  const DocumentCipher& cipher_;
  std::optional<FormLoader> loader_;
  std::optional<PieceThread> thread_;
  bool refused_ = false;
};

}  // namespace

std::unique_ptr<DocumentLoader> make_document_loader(const DocumentCipher& cipher) {
  return std::make_unique<ThreadedLoader>(cipher);
}

}  // namespace heare::keys
