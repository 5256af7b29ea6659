// Reading one record, and a document of 10,000 as the service loads it. Peer: simdjson, where it is installed. It does
// less: its DOM refuses NaN, large integers and lone surrogates, On-Demand does not check what it skips. Its figures
// are what could be won at the most.

#include <algorithm>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "example_document.h"
#include "json/splitter.h"
#include "json/writer.h"

#ifdef HEARE_HAS_SIMDJSON
#include <simdjson.h>
#endif

namespace {

using heare::Result;
using heare::json::Reader;
using heare::json::Span;
using heare::json::Splitter;
using heare::json::SplitterEvents;
using heare::json::Value;

constexpr int kRecords = 10'000;
/// What an HTTP client or a file hands over at a time.
constexpr size_t kPieceBytes = size_t{64} * 1024;

std::string document() {
  return heare::bench::example_document(kRecords);
}

void count_bytes(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(bytes));
}

/// Counts the records.
class Counting final : public SplitterEvents {
 public:
  void begin_array(uint64_t /*offset*/) override {}
  Result<> element(const Result<Value>& element, Span /*span*/) override {
    if (!element) return std::unexpected(element.error());
    ++elements;
    return {};
  }
  void end_array(uint64_t /*offset_after*/) override {}
  void member(std::string_view /*name*/, Value /*value*/, Span /*span*/) override {}

  int elements = 0;
};

void split_and_read_document(benchmark::State& state) {
  const std::string text = document();
  for (auto _ : state) {
    Counting events;
    Splitter splitter("keys", events);
    bool good = true;
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(kPieceBytes, rest.size()))) {
      good = good && splitter.append(rest.substr(0, kPieceBytes));
    }
    if (!good || !splitter.finish() || events.elements != kRecords) state.SkipWithError("the document was refused");
  }
  count_bytes(state, text.size());
}
BENCHMARK(split_and_read_document);

void read_record(benchmark::State& state) {
  const std::string text = heare::bench::example_record(7);
  Reader reader;
  for (auto _ : state) benchmark::DoNotOptimize(reader.read(text));
  count_bytes(state, text.size());
}
BENCHMARK(read_record);

void find_in_record(benchmark::State& state) {
  const std::string text = heare::bench::example_record(7);
  Reader reader;
  const Result<Value> value = reader.read(text);
  for (auto _ : state) benchmark::DoNotOptimize(value->find("metadata"));
}
BENCHMARK(find_in_record);

void append_compact_metadata(benchmark::State& state) {
  const std::string text = heare::bench::example_record(7);
  Reader reader;
  const Value metadata = reader.read(text)->find("metadata");
  std::string out;
  for (auto _ : state) {
    out.clear();
    heare::json::append_compact(out, metadata);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(append_compact_metadata);

#ifdef HEARE_HAS_SIMDJSON

void simdjson_dom_document(benchmark::State& state) {
  const simdjson::padded_string text(document());
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::element element;
    if (parser.parse(text).get(element) != simdjson::SUCCESS) state.SkipWithError("the document was refused");
    benchmark::DoNotOptimize(element);
  }
  state.SetLabel(simdjson::get_active_implementation()->name());
  count_bytes(state, text.size());
}
BENCHMARK(simdjson_dom_document);

/// Takes the fields that loading takes, in any order.
void simdjson_on_demand_document(benchmark::State& state) {
  const simdjson::padded_string text(document());
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    int records = 0;
    simdjson::ondemand::document read;
    if (parser.iterate(text).get(read) != simdjson::SUCCESS) state.SkipWithError("the document was refused");
    for (simdjson::ondemand::object object : read["keys"].get_array()) {
      for (const std::string_view name : {"id", "secret", "name", "created_at"}) {
        benchmark::DoNotOptimize(std::string_view(object[name]));
      }
      benchmark::DoNotOptimize(std::string_view(simdjson::to_json_string(object["metadata"])));
      ++records;
    }
    if (records != kRecords) state.SkipWithError("records are missing");
  }
  state.SetLabel(SIMDJSON_STRINGIFY(SIMDJSON_BUILTIN_IMPLEMENTATION));
  count_bytes(state, text.size());
}
BENCHMARK(simdjson_on_demand_document);

void simdjson_dom_record(benchmark::State& state) {
  const simdjson::padded_string text(heare::bench::example_record(7));
  simdjson::dom::parser parser;
  for (auto _ : state) benchmark::DoNotOptimize(parser.parse(text).error());
  count_bytes(state, text.size());
}
BENCHMARK(simdjson_dom_record);

#endif

}  // namespace
