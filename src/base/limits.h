#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// The bounds that users meet and that rooms share, and why each has its value.
namespace heare::limits {

using namespace std::chrono_literals;

// --- Requests ---

/// nginx passes on at most 4 header buffers of 8 KiB by default: what it lets through must fit.
inline constexpr size_t kHeaderBytesMax = size_t{32} * 1024;
/// A batch of 100 secrets of ours needs about 7 KiB; imported ones of some 600 characters each still fit.
inline constexpr size_t kBodyBytesMax = size_t{64} * 1024;
/// Keys in one batch: they fit a body, and take a thread less than the time of one slow request.
inline constexpr size_t kBatchKeysMax = 100;
/// Of a request by which a proxy asks about another: some send their client's body along, and take an answer only
/// once it is read. It is dropped as it comes.
inline constexpr size_t kIgnoredBodyBytesMax = size_t{1024} * 1024;
/// From the first byte of a header to its last: generous for a bad mobile link, short for a client that trickles bytes
/// to hold a connection.
inline constexpr auto kHeaderTimeout = 10s;
/// From the end of the header to the last byte of the body.
inline constexpr auto kBodyTimeout = 10s;
/// For one answer to be taken by its reader. Answers are small: one that takes nothing for so long has gone.
inline constexpr auto kWriteTimeout = 10s;
/// Longer than nginx (60 s), Caddy (120 s) and load balancers (60 s) keep an idle upstream connection, so that it is
/// they who close it and no request crosses our close.
inline constexpr auto kIdleTimeout = 150s;
/// While every place is taken, when somebody may wait for one: whoever holds connections open and asks nothing must not
/// keep others out. A request may cross our close then; clients send it again.
inline constexpr auto kIdleTimeoutWhenFull = 2s;
/// At about 10 KiB of state each some 100 MB, half of what 10,000 idle connections may cost.
inline constexpr size_t kConnectionsMax = 10'000;

// --- Stopping: under the 10 s after which Docker kills ---

/// For requests in flight when the service stops: many times what any of them takes.
inline constexpr auto kDrainTimeout = 6s;
/// For log and metrics together, after the last request: what is left of the 10 s, with a margin.
inline constexpr auto kFlushTimeout = 2s;

// --- The document ---

/// S3 takes at most 5 GB in one PUT.
inline constexpr uint64_t kDocumentBytesMax = 5'000'000'000;
/// Levels of nesting in one field of a record or body. Python's own reader stops near 1,000.
inline constexpr size_t kNestingMax = 500;
/// An edit's whole time, before what the size needs: longer than eight writers in a row take.
inline constexpr auto kEditTimeout = 30s;
/// Name and owner of a key, in Unicode characters: they end up in tables, and in header values.
inline constexpr size_t kNameCharactersMax = 256;
/// Scopes of a key, and characters of one: all of them make an answer of 8 KiB, no more.
inline constexpr size_t kScopesMax = 64;
inline constexpr size_t kScopeCharactersMax = 128;

// --- Logs ---

/// A thread's lines are handed on in batches of this size: one write(2), and one turn of the lock, for some 300 lines.
inline constexpr size_t kLogBatchBytes = size_t{64} * 1024;
/// Lines wait for company no longer than this: whoever watches the log does not notice.
inline constexpr auto kLogBatchDelay = 100ms;
/// What a reader that stalls can cost in memory; then verification lines are dropped and counted.
inline constexpr size_t kLogQueueBytesMax = size_t{8} * 1024 * 1024;

}  // namespace heare::limits
