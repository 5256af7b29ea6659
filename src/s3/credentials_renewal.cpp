#include "s3/credentials_renewal.h"

#include <utility>

#include "base/time_format.h"

namespace heare::s3 {
namespace {

class RenewingProvider final : public CredentialsProvider {
 public:
  RenewingProvider(std::vector<std::unique_ptr<CredentialsSource>> sources, const Clock& clock)
      : sources_(std::move(sources)), clock_(clock) {}

  Result<Credentials> get() override {
    if (held_ && !is_due()) return *held_;
    // What has ended although its renewal succeeded (it brought the same again) is asked for without a pause.
    const bool pausing = held_ && clock_.steady_now() < next_renewal_ && (error_ || !has_ended(*held_));
    if (!pausing) renew();
    if (held_ && (!error_ || !has_ended(*held_))) return *held_;
    return std::unexpected(*error_);
  }

  std::string source() const override { return source_ == nullptr ? "no source" : source_->name(); }

 private:
  bool has_ended(const Credentials& credentials) const {
    return credentials.expires_at && *credentials.expires_at <= clock_.now();
  }

  bool is_due() const {
    if (!held_->expires_at) return clock_.steady_now() >= read_at_ + kLastingCredentialsReread;
    return *held_->expires_at - kRenewalAhead <= clock_.now();
  }

  /// Replaces what is held, or notes in `error_` why not.
  void renew() {
    Result<Credentials> loaded = source_ == nullptr ? first_of_chain() : from(*source_);
    if (loaded && has_ended(*loaded)) {
      loaded = fail(ErrorCode::unauthorized,
                    "credentials from {}: what it gives expired at {}; renew it there, or set this machine's clock",
                    source_->name(), format_utc(*loaded->expires_at));
    }
    next_renewal_ = clock_.steady_now() + kRenewalPause;
    if (loaded) {
      held_ = *std::move(loaded);
      error_.reset();
      read_at_ = clock_.steady_now();
      return;
    }
    error_ = std::move(loaded.error());
    if (held_ && held_->expires_at) {
      error_->message += fmt::format(" (the last ones were good until {})", format_utc(*held_->expires_at));
    }
  }

  Result<Credentials> from(CredentialsSource& source) {
    Result<std::optional<Credentials>> loaded = source.load();
    if (!loaded) return fail_in(fmt::format("credentials from {}", source.name()), std::move(loaded.error()));
    if (!*loaded) {
      return fail(ErrorCode::unauthorized, "credentials from {}: they are no longer there", source.name());
    }
    return **std::move(loaded);
  }

  Result<Credentials> first_of_chain() {
    std::string looked_for;
    for (const std::unique_ptr<CredentialsSource>& source : sources_) {
      Result<std::optional<Credentials>> loaded = source->load();
      if (!loaded) return fail_in(fmt::format("credentials from {}", source->name()), std::move(loaded.error()));
      if (*loaded) {
        source_ = source.get();
        return **std::move(loaded);
      }
      looked_for += fmt::format("{}{}", looked_for.empty() ? "" : ", ", source->looked_for());
    }
    return fail(ErrorCode::unauthorized,
                "credentials: none found; looked for {}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write a "
                "profile with `aws configure`",
                looked_for);
  }

  // Constant.
  const std::vector<std::unique_ptr<CredentialsSource>> sources_;
  const Clock& clock_;

  /// The one that has given credentials; another one later would be another identity.
  CredentialsSource* source_ = nullptr;
  std::optional<Credentials> held_;
  SteadyTime read_at_;
  SteadyTime next_renewal_;
  /// Why the last renewal failed, if it did.
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> make_renewing_provider(std::vector<std::unique_ptr<CredentialsSource>> sources,
                                                            const Clock& clock) {
  return std::make_unique<RenewingProvider>(std::move(sources), clock);
}

}  // namespace heare::s3
