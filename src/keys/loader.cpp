#include "keys/loader.h"

#include <optional>

#include "keys/document_walk.h"

namespace heare::keys {
namespace {

/// From JSON text to a snapshot.
class IndexLoader : private DocumentWalk::Handler {
 public:
  IndexLoader() : walk_(*this) {}

  /// After an error, what follows is passed over, and `finish` returns that error.
  Result<> append(std::string_view json) {
    if (progress_) progress_ = walk_.append(json);
    return progress_;
  }

  Result<Loaded> finish() {
    if (progress_) progress_ = walk_.finish();
    if (!progress_) return std::unexpected(progress_.error());
    loaded_.index = builder_.finish();
    return std::move(loaded_);
  }

 private:
  void restart() override {
    builder_.clear();
    loaded_ = {};
  }

  void record(json::Value, const ApiKey& key, json::Span) override {
    builder_.add(key);
    if (key.storage == SecretStorage::plain) ++loaded_.plain_secret_count;
    for (const std::string_view field : key.doubtful) {
      if (loaded_.doubtful_field_count++ < kDoubtfulFieldsMax) {
        loaded_.doubtful_fields.push_back({key.id, std::string(field)});
      }
    }
  }

  DocumentWalk walk_;
  KeyIndexBuilder builder_;
  Loaded loaded_;
  Result<> progress_;
};

/// One way to read an encrypted document. Its plaintext counts only where the token proves authentic, so a load that
/// fails on garbage still reads to the end: only there is it known whether the secret or the document is at fault.
struct Decryption {
  explicit Decryption(const crypto::FernetKey& key)
      : token(key, [this](std::string_view json) { (void)loader.append(json); }) {}
  IndexLoader loader;
  crypto::FernetReader token;
};

class StreamingLoader final : public DocumentLoader {
 public:
  explicit StreamingLoader(const DocumentCipher& cipher) : cipher_(cipher) {}

  void restart() override {
    head_.clear();
    form_ = Form::unknown;
    plain_.reset();
    decryptions_.clear();
  }

  Result<> append(std::string_view bytes) override {
    if (form_ != Form::unknown) return feed(bytes);
    head_ += bytes;
    if (head_.size() < kEncryptedHeader.size()) return {};
    if (auto decided = decide_form(); !decided) return decided;
    std::string_view rest = head_;
    if (form_ == Form::encrypted) rest.remove_prefix(kEncryptedHeader.size());
    return feed(rest);
  }

  Result<Loaded> finish() override {
    if (form_ == Form::unknown) {
      // Shorter than the header of an encrypted document: only plain JSON is.
      IndexLoader loader;
      (void)loader.append(head_);
      return loader.finish();
    }
    if (form_ == Form::plain) return plain_->finish();
    for (const std::unique_ptr<Decryption>& decryption : decryptions_) {
      if (decryption->token.finish()) return decryption->loader.finish();
    }
    return std::unexpected(DocumentCipher::wrong_storage_secret());
  }

 private:
  enum class Form { unknown, plain, encrypted };

  Result<> decide_form() {
    if (!head_.starts_with(kEncryptedHeader)) {
      form_ = Form::plain;
      plain_.emplace();
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
    if (form_ == Form::plain) return plain_->append(bytes);
    for (const std::unique_ptr<Decryption>& decryption : decryptions_) decryption->token.append(bytes);
    return {};
  }

  const DocumentCipher& cipher_;
  /// The first bytes, until they tell the form.
  std::string head_;
  Form form_ = Form::unknown;
  std::optional<IndexLoader> plain_;
  std::vector<std::unique_ptr<Decryption>> decryptions_;
};

}  // namespace

std::unique_ptr<DocumentLoader> make_document_loader(const DocumentCipher& cipher) {
  return std::make_unique<StreamingLoader>(cipher);
}

}  // namespace heare::keys
