#include "simulation/schedule.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "keys/repository.h"
#include "simulation/dice.h"
#include "simulation/edits.h"
#include "simulation/scheduler.h"

namespace heare::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Break = SimulatedObject::Break;

/// Around the records, all that an edit must leave alone: a layout of its own, members that nobody knows, a newline at
/// the end.
constexpr std::string_view kHead = "{ \"version\" : 1.0e+2,\n\t\"secret_storage\": \"hashed\", \"keys\":[";
constexpr std::string_view kPlainHead = "{\"comment\": \"caf\\u00e9\", \"keys\": [";
constexpr std::string_view kTail = " ] , \"after\": {\"a\": [1,  2, null]} }\n";

std::string first_document(Dice& dice, size_t records) {
  const bool plain = dice.chance(300);
  std::string text(plain ? kPlainHead : kHead);
  for (size_t number = 0; number < records; ++number) {
    if (number > 0) text += " ,\n";
    text += fmt::format(R"({{"id":"key_{}", "secret": "sec_first_{}","name" : "n\u0061me", "x": [0.10,{{}}],
      "enabled":true, "metadata": {{"env":  "prod"}} }})",
                        number, number);
  }
  return text.append(kTail);
}

Weather make_weather(Dice& dice) {
  constexpr std::array<unsigned, 4> kStrengths = {0, 30, 100, 400};
  constexpr std::array<microseconds, 3> kWays = {milliseconds(5), milliseconds(100), seconds(2)};
  Weather weather;
  weather.longest_way = kWays[dice.below(kWays.size())];
  const unsigned strength = kStrengths[dice.below(kStrengths.size())];
  for (unsigned* fault : {&weather.no_connection, &weather.denied, &weather.spurious_conflict, &weather.lost_write,
                          &weather.lost_answer, &weather.late_write, &weather.broken_read, &weather.stale_read}) {
    if (dice.chance(400)) *fault = dice.below(strength + 1);
  }
  // A connection that fails ends most edits at once, and a replica that lags behind keeps them from what is new.
  weather.no_connection /= 4;
  weather.denied /= 8;
  if (!dice.chance(300)) weather.stale_read = 0;
  // Nobody ever gets through, and all must end all the same.
  if (dice.chance(30)) (dice.chance(500) ? weather.lost_write : weather.spurious_conflict) = 1000;
  return weather;
}

class World {
 public:
  explicit World(const ScheduleOptions& options)
      : options_(options),
        dice_(options.seed),
        object_(scheduler_, {.tags_name_content = dice_.chance(400), .broken = options.broken}),
        weather_(make_weather(dice_)),
        cipher_(make_secrets(dice_)) {
    trace_ = options.trace ? [this](const std::string& line) { trace(line); } : SimulatedStore::Trace();
    const bool vanishes = dice_.chance(100);
    // A late write that finds just what it expects, as all since was undone to the byte, is let in by its tag.
    if (vanishes || object_.options().tags_name_content) weather_.late_write = 0;
    if (options.broken == Break::goes_back) weather_.stale_read = 0;
    if (dice_.chance(200)) set_outage();
    if (vanishes) scheduler_.later(dice_.time(seconds(20)), [this] { remove(); });
    store_first_document();
  }

  ScheduleOutcome run() {
    const size_t writers = dice_.between(2, 5);
    const size_t readers = dice_.between(1, 2);
    for (size_t number = 0; number < writers; ++number) add_client([this](Client& client) { write(client); });
    for (size_t number = 0; number < readers; ++number) add_client([this](Client& client) { read(client); });
    scheduler_.run();

    ScheduleOutcome outcome;
    outcome.faults = check_edits(object_.versions(), edits_, cipher_, statistics_);
    outcome.faults.insert(outcome.faults.end(), read_faults_.begin(), read_faults_.end());
    statistics_.schedules = 1;
    outcome.statistics = statistics_;
    outcome.fingerprint = fingerprint();
    return outcome;
  }

 private:
  /// One process: a clock, a source of randomness and a connection of its own.
  struct Client {
    Client(World& world, size_t number)
        : random(world.options_.seed * 1000 + number),
          clock(world.scheduler_,
                microseconds(number) + Scheduler::kStep * (static_cast<int>(world.dice_.below(200'000)) - 100'000)),
          store(world.scheduler_, world.object_, world.weather_, world.dice_, world.trace_) {}

    testing::SequenceRandom random;
    ActorClock clock;
    SimulatedStore store;
  };

  static keys::StorageSecrets make_secrets(Dice& dice) {
    keys::StorageSecrets secrets;
    if (dice.chance(100)) secrets.current = Secret("passphrase");
    return secrets;
  }

  void trace(const std::string& line) {
    const auto now = std::chrono::duration_cast<microseconds>(scheduler_.now().time_since_epoch() % seconds(86'400));
    options_.trace(fmt::format("{:>12} us  {}", now.count(), line));
  }
  void tell(const std::string& line) {
    if (trace_) trace_(line);
  }

  void set_outage() {
    weather_.gone_from = scheduler_.now() + dice_.time(seconds(20));
    weather_.gone_until = weather_.gone_from + dice_.time(seconds(40));
  }

  void remove() {
    tell("the document is removed");
    object_.remove();
  }

  void store_first_document() {
    const size_t records = dice_.below(5);
    for (size_t number = 0; number < records; ++number) ids_.push_back(fmt::format("key_{}", number));
    if (records == 0 && dice_.chance(700)) return;
    testing::SequenceRandom random(options_.seed);
    const std::string sealed = cipher_.seal(first_document(dice_, records), WallTime(), random);
    (void)object_.write(sealed, storage::IfAbsent(), {});
  }

  void add_client(std::function<void(Client&)> life) {
    clients_.push_back(std::make_unique<Client>(*this, clients_.size()));
    scheduler_.start([client = clients_.back().get(), life = std::move(life)] { life(*client); });
  }

  std::unique_ptr<Edit> make_edit(size_t number) {
    const Label fresh = {fmt::format("key_new{}", number), fmt::format("edit_{}", number)};
    const uint32_t kind = dice_.below(12);
    if (kind < 4 || ids_.empty()) {
      ids_.push_back(fresh.id);
      return make_create(fresh);
    }
    if (kind == 4) {
      ids_.push_back(fresh.id + ".0");
      return make_import(fresh, dice_.between(1, 3));
    }
    const Label old = {ids_[dice_.below(static_cast<uint32_t>(ids_.size()))], fresh.unique};
    switch (kind) {
      case 5:
        return make_delete(old);
      case 6:
      case 7:
        return make_rotate(old, dice_.chance(500));
      case 8:
      case 9:
        return make_switch(old, dice_.chance(500));
      default:
        return make_update(old);
    }
  }

  void write(Client& client) {
    constexpr std::array<milliseconds, 3> kTimeouts = {milliseconds(200), milliseconds(2000), limits::kEditTimeout};
    const milliseconds timeout = kTimeouts[dice_.below(kTimeouts.size())];
    keys::KeyRepository repository(client.store, cipher_, client.clock, client.random,
                                   {timeout, options_.unconditional_writes});
    for (uint32_t left = dice_.between(1, 4); left > 0; --left) {
      scheduler_.pause(dice_.time(weather_.longest_way * 4));
      const size_t number = edits_.size();
      EditRun& run = edits_.emplace_back();
      run.edit = make_edit(number);
      // A pause ends before the deadline; what may follow is a read, a write and a last look.
      run.longest = timeout + 3 * weather_.longest_call();
      run.begun = scheduler_.now();
      client.store.begin_edit(number);
      tell(fmt::format("edit {}: {}", number, run.edit->name()));
      run.result = run.edit->run(repository, client.clock.now(), client.random);
      run.ended = scheduler_.now();
      run.was_in_doubt = client.store.in_doubt();
      tell(fmt::format("edit {}: {}", number, run.result ? "done" : run.result.error().message));
    }
  }

  void read(Client& client) {
    keys::KeyRepository repository(client.store, cipher_, client.clock, client.random);
    std::optional<storage::EntityTag> known;
    for (uint32_t left = dice_.between(3, 8); left > 0; --left) {
      scheduler_.pause(dice_.time(weather_.longest_way * 8));
      // Where a replica lags behind, only that it is one version is promised.
      const size_t newest_at_begin = weather_.stale_read > 0 ? 0 : object_.newest();
      storage::StringSink copy;
      const Result<keys::KeyRepository::LoadOutcome> outcome = repository.load(known, &copy);
      ++statistics_.loads;
      std::string fault = check_load(object_.versions(), newest_at_begin, outcome, known, copy.bytes, cipher_);
      if (!fault.empty()) read_faults_.push_back(std::move(fault));
      const auto* const snapshot = outcome ? std::get_if<keys::KeyRepository::Snapshot>(&*outcome) : nullptr;
      if (snapshot != nullptr) known = snapshot->tag;
    }
  }

  uint64_t fingerprint() const {
    std::string all = fmt::to_string(scheduler_.now().time_since_epoch().count());
    for (const Version& version : object_.versions()) all += version.bytes.value_or("") + version.tag.value;
    for (const EditRun& run : edits_) all += run.result ? "done" : run.result.error().message;
    return std::hash<std::string>()(all);
  }

  const ScheduleOptions& options_;
  SimulatedStore::Trace trace_;
  Dice dice_;
  Scheduler scheduler_;
  SimulatedObject object_;
  Weather weather_;
  const keys::DocumentCipher cipher_;
  /// Of keys that are there, were, or may come to be there.
  std::vector<std::string> ids_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::deque<EditRun> edits_;
  std::vector<std::string> read_faults_;
  Statistics statistics_;
};

}  // namespace

ScheduleOutcome run_schedule(const ScheduleOptions& options) {
  return World(options).run();
}

}  // namespace heare::simulation
