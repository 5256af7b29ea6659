// What becomes of a document: reading it, making the index, and looking one secret up. Indexes of a million keys and of
// ten take up to 1.6 GB and longer than all the rest: HEARE_BENCH_LARGE=1 asks for them.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "example_document.h"
#include "keys/document.h"
#include "keys/loader.h"
#include "keys/verifier.h"

namespace {

namespace crypto = heare::crypto;
namespace keys = heare::keys;

constexpr int64_t kDocumentKeys = 10'000;

const std::string& document() {
  static const std::string json = heare::bench::example_document(kDocumentKeys);
  return json;
}

void count(benchmark::State& state, int64_t keys) {
  state.SetItemsProcessed(state.iterations() * keys);
}

/// As a service does, decryption aside.
void load_document(benchmark::State& state) {
  const keys::DocumentCipher cipher({});
  for (auto _ : state) {
    const auto loader = keys::make_document_loader(cipher);
    if (!loader->append(document()) || !loader->finish()) state.SkipWithError("the document was refused");
  }
  count(state, kDocumentKeys);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(document().size()));
}
BENCHMARK(load_document)->UseRealTime();

/// As a command does.
void parse_document(benchmark::State& state) {
  for (auto _ : state) {
    if (!keys::KeyDocument::parse(document())) state.SkipWithError("the document was refused");
  }
  count(state, kDocumentKeys);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(document().size()));
}
BENCHMARK(parse_document);

std::string secret(int64_t number) {
  return fmt::format("sec_{:060}", number);
}

std::unique_ptr<const keys::KeyIndex> make_index(int64_t keys) {
  keys::KeyIndexBuilder builder;
  keys::ApiKey key = {};
  key.enabled = true;
  key.metadata_json = R"({"env":"prod","team":"billing","number":"00000000000000000"})";
  for (int64_t n = 0; n < keys; ++n) {
    key.id = fmt::format("key_{:019}", n);
    key.name = fmt::format("Name {:09}", n);
    key.digest = crypto::sha256(secret(n));
    builder.add(key);
  }
  return builder.finish();
}

void build_index(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(make_index(state.range(0)));
  count(state, state.range(0));
}
BENCHMARK(build_index)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// One that is there, or not: hashing, the probe, and the answer's pieces. Each time another, as customers do.
void look_up(benchmark::State& state, bool known) {
  // Made once for all runs of one size: it takes longer than what is measured.
  static int64_t index_keys = 0;
  static std::unique_ptr<const keys::KeyIndex> index;
  const int64_t keys = std::max<int64_t>(state.range(0), 1);
  if (std::exchange(index_keys, keys) != keys) {
    index.reset();
    index = make_index(keys);
  }
  std::string credential = secret(0);
  int64_t number = known ? 0 : keys;
  for (auto _ : state) {
    // A stride that is prime to each size: neighbours in memory are not asked for one after another.
    number = (number + 7'368'787) % keys + (known ? 0 : keys);
    fmt::format_to_n(credential.data() + 4, 60, "{:060}", number);
    const keys::Decision decision = keys::verify(*index, credential, heare::WallTime());
    if (decision.grant.has_value() != known) state.SkipWithError("the wrong answer");
    benchmark::DoNotOptimize(decision);
  }
}

void look_up_known(benchmark::State& state) {
  look_up(state, true);
}
void look_up_unknown(benchmark::State& state) {
  look_up(state, false);
}

/// Guesses that have so many first characters of a real secret: the times must be alike, or they would tell how far one
/// is right. Several of each, as a single one may meet a full slot of the index or an empty one.
void verify_guess(benchmark::State& state) {
  static const auto index = make_index(1000);
  std::vector<std::string> guesses;
  for (char last = 'a'; last <= 'z'; ++last) {
    std::string& guess = guesses.emplace_back(secret(321));
    std::fill(guess.begin() + state.range(0), guess.end(), last);
  }
  size_t next = 0;
  for (auto _ : state) {
    const keys::Decision decision = keys::verify(*index, guesses[next++ % guesses.size()], heare::WallTime());
    if (decision.grant.has_value()) state.SkipWithError("the guess was right");
    benchmark::DoNotOptimize(decision);
  }
}
BENCHMARK(verify_guess)->Arg(0)->Arg(8)->Arg(32)->Arg(63);

/// What look_up takes beside looking up.
void write_and_hash_credential(benchmark::State& state) {
  std::string credential = secret(0);
  int64_t number = 0;
  for (auto _ : state) {
    number = (number + 7'368'787) % 1'000'000;
    fmt::format_to_n(credential.data() + 4, 60, "{:060}", number);
    benchmark::DoNotOptimize(crypto::sha256(credential));
  }
}
BENCHMARK(write_and_hash_credential);

const bool kSizesAreSet = [] {
  const char* const large = std::getenv("HEARE_BENCH_LARGE");  // NOLINT(concurrency-mt-unsafe): no thread yet
  for (const int64_t keys : {int64_t{1000}, int64_t{1'000'000}, int64_t{10'000'000}}) {
    if (keys > 1000 && (large == nullptr || std::strcmp(large, "1") != 0)) break;
    benchmark::RegisterBenchmark("look_up_known", look_up_known)->Arg(keys);
    benchmark::RegisterBenchmark("look_up_unknown", look_up_unknown)->Arg(keys);
  }
  return true;
}();

}  // namespace
