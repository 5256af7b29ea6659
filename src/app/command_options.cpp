#include "app/command_options.h"

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace heare::app {
namespace {

// --- Every value is taken as text, once or more: a second one is refused where all have been read

CLI::Option* add_value(CLI::App& app, const std::string& names, const char* type, std::optional<std::string>& target,
                       const std::string& help) {
  const auto take = [&target](const CLI::results_t& values) {
    target = values.front();
    return true;
  };
  return app.add_option(names, take, help)->type_name(type)->expected(1)->take_all()->allow_extra_args(false);
}

void add_list(CLI::App& app, const std::string& names, std::vector<std::string>& target, const std::string& help) {
  const auto take = [&target](const CLI::results_t& values) {
    target = values;
    return true;
  };
  app.add_option(names, take, help)->type_name(kListTypeName)->expected(1)->take_all()->allow_extra_args(false);
}

void add_key_id(CLI::App& app, std::optional<std::string>& key_id) {
  add_value(app, "KEY_ID", "", key_id, "The key's id, as `heare-auth list` shows it");
}

void add_store_options(CLI::App& app, StoreFlags& flags) {
  const char* const group = "Where the keys are";
  add_value(app, "--store", "URL", flags.store, "file:///path/keys.json or s3://bucket/key (HEARE_AUTH_STORE)")
      ->group(group);
  add_value(app, "--bucket", "NAME", flags.bucket, "S3 bucket (S3_BUCKET)")->group(group);
  add_value(app, "--key", "KEY", flags.key, "S3 key of the document (S3_KEY, default keys.json)")->group(group);
  add_value(app, "--region", "NAME", flags.region, "AWS region (S3_REGION, AWS_REGION, AWS_DEFAULT_REGION)")
      ->group(group);
  add_value(app, "--endpoint-url", "URL", flags.endpoint_url, "S3 endpoint (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL)")
      ->group(group);
  add_value(app, "--ca-bundle", "PATH", flags.ca_bundle,
            "Certificate authorities in place of the system's (AWS_CA_BUNDLE)")
      ->group(group);
  add_value(app, "--timeout", "DURATION", flags.timeout,
            "For an edit, and each read or write, besides what a large document needs (default 30s)")
      ->group(group);
  app.add_flag("--unsafe-unconditional-writes", flags.unsafe_unconditional_writes,
               "Overwrite whatever is there; only for a store that knows no conditions, and one writer")
      ->group(group);
  add_value(app, "--storage-secret", "TEXT", flags.storage_secret,
            "Encrypts the document; safer in the environment (STORAGE_SECRET)")
      ->group(group);
  add_value(app, "--storage-secret-file", "PATH", flags.storage_secret_file, "File that holds it (STORAGE_SECRET_FILE)")
      ->group(group);
}

void add_refresh_options(CLI::App& app, RefreshFlags& flags) {
  const char* const group = "The running service";
  add_value(app, "--refresh-url", "URL", flags.refresh_url,
            "Told of the change (REFRESH_URL, default http://localhost:$PORT/refresh)")
      ->group(group);
  app.add_flag("--no-refresh", flags.no_refresh, "Tell no service")->group(group);
}

/// What every command takes that edits the document.
void add_edit_options(CLI::App& app, RefreshFlags& refresh, StoreFlags& store) {
  add_refresh_options(app, refresh);
  add_store_options(app, store);
}

void add_secret_storage(CLI::App& app, std::optional<std::string>& target) {
  add_value(app, "--secret-storage", "plain|hashed", target,
            "How the secret is stored (HEARE_AUTH_SECRET_STORAGE, default as in the document)");
}

void add_json(CLI::App& app, bool& json) {
  app.add_flag("--json", json, "Print one JSON document");
}

}  // namespace

void declare(CLI::App& app, ServeFlags& flags) {
  add_value(app, "--host", "ADDRESS", flags.host, "Address to listen on (HEARE_AUTH_HOST, default 127.0.0.1)");
  add_value(app, "--port", "PORT", flags.port, "Port to listen on (PORT, default 8080)");
  add_value(app, "--threads", "N", flags.threads, "Serving threads (HEARE_AUTH_THREADS, default one for each CPU)");
  add_value(app, "--refresh-interval", "DURATION", flags.refresh_interval,
            "Look for changes (HEARE_AUTH_REFRESH_INTERVAL, default 10s, 0 = never)");
  add_value(app, "--max-connections", "N", flags.max_connections, "Connections at a time (default 10000)");
  add_value(app, "--log-level", "debug|info|warning|error", flags.log_level,
            "What is logged (HEARE_AUTH_LOG_LEVEL, default info)");
  add_value(app, "--drain-delay", "DURATION", flags.drain_delay,
            "When stopping, accept connections for this long (default 0)");
  add_value(app, "--cache-file", "PATH", flags.cache_file,
            "Last good document, served when the store fails at the start (HEARE_AUTH_CACHE_FILE)");
  add_value(app, "--max-stale", "DURATION", flags.max_stale,
            "Answer 503 once the store has not confirmed the keys for this long (HEARE_AUTH_MAX_STALE, default never)");
  add_value(app, "--metrics-listen", "HOST:PORT", flags.metrics_listen,
            "Answer /metrics to everybody there (HEARE_AUTH_METRICS_LISTEN, default to this machine only, on --port)");
  app.add_flag("--core-dumps", flags.core_dumps, "Let a crash leave a core dump, which shows every secret in memory");
  app.add_flag("--check-config", flags.check_config, "Check the options and load the keys, then exit");
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, CreateFlags& flags) {
  add_value(app, "--name", "NAME", flags.name, "What the key is for; required");
  add_value(app, "--metadata", "JSON", flags.metadata, "A JSON object that every verification answers with");
  add_value(app, "--secret-type", "TYPE", flags.secret_type, "Default shared_secret");
  add_value(app, "--expires-at", "ISO8601", flags.expires_at,
            "Good until then, in UTC unless it says otherwise (default never)");
  add_value(app, "--owner", "OWNER", flags.owner, "Whose key it is; verifications answer with it");
  add_list(app, "--scope", flags.scopes, "What the key may do, of letters, digits and ._:/*-; may be repeated");
  add_secret_storage(app, flags.secret_storage);
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, ListFlags& flags) {
  app.add_flag("--detailed,-d", flags.detailed, "Every field but the secret");
  add_value(app, "--sort", "name|created|expires|id", flags.sort, "Sort by this (default as in the document)");
  add_value(app, "--owner", "OWNER", flags.owner, "Only keys of this owner; '': of nobody");
  app.add_flag("--expired", flags.expired, "Only keys that have expired");
  add_value(app, "--expiring-within", "DURATION", flags.expiring_within,
            "Only keys that expire within this time: 12h, 7d");
  add_value(app, "--match", "TEXT", flags.match, "Only keys with this in their name or id, whatever the case");
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, ShowFlags& flags) {
  add_key_id(app, flags.key_id);
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, UpdateFlags& flags) {
  add_key_id(app, flags.key_id);
  add_value(app, "--name", "NAME", flags.name, "What the key is for");
  add_value(app, "--metadata", "JSON", flags.metadata, "A JSON object in place of the one that is there");
  add_value(app, "--expires-at", "ISO8601", flags.expires_at, "Good until then; never: without end");
  add_value(app, "--owner", "OWNER", flags.owner, "Whose key it is; '': nobody's");
  add_list(app, "--scope", flags.scopes, "In place of all scopes of the key; may be repeated; '': none");
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, EnableFlags& flags) {
  add_key_id(app, flags.key_id);
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, DisableFlags& flags) {
  add_key_id(app, flags.key_id);
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, RotateFlags& flags) {
  add_key_id(app, flags.key_id);
  app.footer(
      "\nWithout a grace no other secret of the key is good any more, also none that an earlier grace has kept. With "
      "one,\n"
      "earlier secrets stay good until their own grace ends.");
  add_value(app, "--grace", "DURATION", flags.grace,
            "The old secret stays good for so long: 90s, 15m, 24h, 7d (default 0)");
  add_secret_storage(app, flags.secret_storage);
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, DeleteFlags& flags) {
  add_key_id(app, flags.key_id);
  app.add_flag("--yes,-y", flags.yes, "Do not ask");
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, VerifyFlags& flags) {
  app.footer("\nExit codes: 0 the secret is good, 1 it is refused, 2 wrong usage, 4 it could not be told.");
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, InspectFlags& flags) {
  add_json(app, flags.json);
}

void declare(CLI::App& app, ImportFlags& flags) {
  app.footer(
      "\nA line holds \"secret\" (any text) or \"secret_sha256\" (hexadecimal or base64), and whatever else a key has; "
      "without\n"
      "an \"id\" one is made. All keys are added in one write, or none.");
  add_value(app, "FILE", "", flags.file, "JSON lines or a document with \"keys\"; -: standard input");
  add_secret_storage(app, flags.secret_storage);
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, ExportFlags& flags) {
  app.add_flag("--redact", flags.redact, "Print the SHA-256 in place of every plain secret");
  app.add_flag("--json", flags.json, "Print one JSON document with all \"keys\"");
  add_store_options(app, flags.store);
}

void declare(CLI::App& app, MigrateFlags& flags) {
  app.footer(
      "\nA Python service cannot read a document with hashed secrets. For --reencrypt the secret of today is "
      "STORAGE_SECRET,\n"
      "and the one that the document was written with STORAGE_SECRET_PREVIOUS.");
  app.add_flag("--hash-secrets", flags.hash_secrets, "Replace every plain secret by its SHA-256, for good");
  app.add_flag("--reencrypt", flags.reencrypt, "Encrypt the document with the storage secret of today");
  add_json(app, flags.json);
  add_edit_options(app, flags.refresh, flags.store);
}

void declare(CLI::App& app, RefreshCommandFlags& flags) {
  add_value(app, "--url", "URL", flags.url, "The service (REFRESH_URL, default http://localhost:$PORT/refresh)");
  add_json(app, flags.json);
}

void declare(CLI::App& app, HealthFlags& flags) {
  add_value(app, "--url", "URL", flags.url, "The service (default http://localhost:$PORT/health)");
  add_json(app, flags.json);
}

void declare(CLI::App& app, DoctorFlags& flags) {
  add_json(app, flags.json);
  add_store_options(app, flags.store);
}

}  // namespace heare::app
