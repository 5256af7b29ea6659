#include "s3/credentials_renewal.h"

#include <deque>

#include <gtest/gtest.h>

#include "support/fake_clock.h"

#include "s3/credentials_test_support.h"

namespace heare::s3 {
namespace {

using heare::testing::FakeClock;
using testing::contains;

using Loaded = Result<std::optional<Credentials>>;

/// What a source is told to say, call by call; the last one stays.
struct Script {
  std::deque<Loaded> answers;
  int loads = 0;
};

class ScriptedSource final : public CredentialsSource {
 public:
  ScriptedSource(std::string name, Script& script) : name_(std::move(name)), script_(script) {}
  Loaded load() override {
    ++script_.loads;
    Loaded answer = script_.answers.front();
    if (script_.answers.size() > 1) script_.answers.pop_front();
    return answer;
  }
  std::string name() const override { return name_; }
  std::string looked_for() const override { return name_ + " (variables)"; }

 private:
  const std::string name_;
  Script& script_;
};

Loaded nothing() {
  return std::optional<Credentials>();
}

Loaded broken(ErrorCode code = ErrorCode::unavailable) {
  return fail(code, "no answer");
}

class Renewal : public ::testing::Test {
 protected:
  Loaded lasting(std::string id) { return Credentials{std::move(id), Secret("shhh"), Secret(), std::nullopt}; }
  Loaded until(std::string id, WallTime expires_at) {
    return Credentials{std::move(id), Secret("shhh"), Secret("shhh"), expires_at};
  }

  std::string key_id() {
    const Result<Credentials> credentials = provider_->get();
    return credentials ? credentials->access_key_id : "error";
  }
  Error error() {
    const Result<Credentials> credentials = provider_->get();
    return credentials ? Error{ErrorCode::invalid, "no error"} : credentials.error();
  }

  static std::vector<std::unique_ptr<CredentialsSource>> sources(Script& first, Script& second) {
    std::vector<std::unique_ptr<CredentialsSource>> sources;
    sources.push_back(std::make_unique<ScriptedSource>("the first", first));
    sources.push_back(std::make_unique<ScriptedSource>("the second", second));
    return sources;
  }

  FakeClock clock_;
  const WallTime start_ = clock_.now();
  Script first_{{nothing()}};
  Script second_{{nothing()}};
  const std::unique_ptr<CredentialsProvider> provider_ = make_renewing_provider(sources(first_, second_), clock_);
};

TEST_F(Renewal, FirstSourceThatHasSomeIsTaken) {
  second_.answers = {lasting("SECOND")};
  EXPECT_EQ(provider_->source(), "no source");
  EXPECT_EQ(key_id(), "SECOND");
  EXPECT_EQ(provider_->source(), "the second");
}

TEST_F(Renewal, LaterSourcesAreNotAsked) {
  first_.answers = {lasting("FIRST")};
  second_.answers = {lasting("SECOND")};
  EXPECT_EQ(key_id(), "FIRST");
  EXPECT_EQ(second_.loads, 0);
}

TEST_F(Renewal, BrokenSourceStopsAndIsNamed) {
  first_.answers = {broken(ErrorCode::unauthorized)};
  second_.answers = {lasting("SECOND")};
  EXPECT_EQ(error().code, ErrorCode::unauthorized);
  EXPECT_EQ(error().message, "credentials from the first: no answer");
  EXPECT_EQ(second_.loads, 0);
}

TEST_F(Renewal, SourceThatRecoversIsTakenAtTheNextCall) {
  first_.answers = {broken(), lasting("FIRST")};
  EXPECT_EQ(error().code, ErrorCode::unavailable);
  EXPECT_EQ(key_id(), "FIRST");
}

TEST_F(Renewal, NothingAtAllListsWhatWasLookedForAndWhatToDo) {
  EXPECT_EQ(error().code, ErrorCode::unauthorized);
  EXPECT_EQ(error().message,
            "credentials: none found; looked for the first (variables), the second (variables). Set AWS_ACCESS_KEY_ID "
            "and AWS_SECRET_ACCESS_KEY, or write a profile with `aws configure`");
}

TEST_F(Renewal, HappensFiveMinutesBeforeTheEndAndNotEarlier) {
  first_.answers = {until("OLD", start_ + 1h), until("NEW", start_ + 2h)};
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(55min - 1s);
  EXPECT_EQ(key_id(), "OLD");
  EXPECT_EQ(first_.loads, 1);
  clock_.advance(1s);
  EXPECT_EQ(key_id(), "NEW");
  EXPECT_EQ(first_.loads, 2);
}

TEST_F(Renewal, OldOnesServeUntilTheyEndAndNotLonger) {
  first_.answers = {until("OLD", start_ + 1h), broken()};
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(1h - 1s);
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(1s);
  EXPECT_EQ(error().code, ErrorCode::unavailable);
  EXPECT_EQ(error().message,
            "credentials from the first: no answer (the last ones were good until 2026-01-20T11:30:00.123456Z)");
}

TEST_F(Renewal, FailingOneIsTriedAgainAfterAPauseOnly) {
  first_.answers = {until("OLD", start_ + 1h), broken()};
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(56min);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(key_id(), "OLD");
  EXPECT_EQ(first_.loads, 2);
  clock_.advance(kRenewalPause);
  EXPECT_EQ(key_id(), "OLD");
  EXPECT_EQ(first_.loads, 3);
}

TEST_F(Renewal, FailingOneIsNotHammeredAfterTheEndEither) {
  first_.answers = {until("OLD", start_ + 1h), broken()};
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(2h);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(error().code, ErrorCode::unavailable);
  EXPECT_EQ(first_.loads, 2);
  first_.answers = {until("NEW", start_ + 3h)};
  clock_.advance(kRenewalPause);
  EXPECT_EQ(key_id(), "NEW");
}

TEST_F(Renewal, SourceThatGivesTheSameAgainIsAskedAfterAPauseOnly) {
  first_.answers = {until("SAME", start_ + 4min)};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(key_id(), "SAME");
  EXPECT_EQ(first_.loads, 1);
  clock_.advance(kRenewalPause);
  EXPECT_EQ(key_id(), "SAME");
  EXPECT_EQ(first_.loads, 2);
}

TEST_F(Renewal, WhatEndsWithinThePauseIsRenewedAtOnce) {
  first_.answers = {until("SAME", start_ + 5s), until("NEW", start_ + 1h)};
  EXPECT_EQ(key_id(), "SAME");
  clock_.advance(5s);
  EXPECT_EQ(key_id(), "NEW");
}

TEST_F(Renewal, SourceThatGivesEndedOnesIsAnErrorWithTheTime) {
  first_.answers = {until("ENDED", start_ - 1s)};
  EXPECT_EQ(error().code, ErrorCode::unauthorized);
  EXPECT_EQ(error().message,
            "credentials from the first: what it gives expired at 2026-01-20T10:29:59.123456Z; renew it there, or set "
            "this machine's clock");
}

TEST_F(Renewal, LastingOnesAreReadAgainNowAndThen) {
  first_.answers = {lasting("OLD"), lasting("NEW")};
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(kLastingCredentialsReread - 1s);
  EXPECT_EQ(key_id(), "OLD");
  clock_.advance(1s);
  EXPECT_EQ(key_id(), "NEW");
}

TEST_F(Renewal, LastingOnesServeOnWhereTheyCannotBeReadAgain) {
  first_.answers = {lasting("OLD"), broken(), nothing()};
  EXPECT_EQ(key_id(), "OLD");
  for (int i = 0; i < 5; ++i) {
    clock_.advance(1h);
    EXPECT_EQ(key_id(), "OLD");
  }
}

TEST_F(Renewal, SourceThatVanishesIsNotReplacedByTheNext) {
  first_.answers = {until("FIRST", start_ + 1h), nothing()};
  second_.answers = {lasting("SECOND")};
  EXPECT_EQ(key_id(), "FIRST");
  clock_.advance(1h);
  EXPECT_TRUE(contains(error().message, "credentials from the first: they are no longer there"));
  EXPECT_EQ(second_.loads, 0);
}

TEST_F(Renewal, ClockThatIsSetBackKeepsWhatIsHeld) {
  first_.answers = {until("OLD", start_ + 1h), until("NEW", start_ + 2h)};
  EXPECT_EQ(key_id(), "OLD");
  clock_.set_now(start_ - 24h);
  EXPECT_EQ(key_id(), "OLD");
  EXPECT_EQ(first_.loads, 1);
}

}  // namespace
}  // namespace heare::s3
