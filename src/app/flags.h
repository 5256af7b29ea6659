#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a command line says, before anything is made of it: texts as they were typed, nothing where an option was not
/// given.
namespace heare::app {

/// Where the document is, and how it is encrypted.
struct StoreFlags {
  std::optional<std::string> store = std::nullopt;
  std::optional<std::string> bucket = std::nullopt;
  std::optional<std::string> key = std::nullopt;
  std::optional<std::string> region = std::nullopt;
  std::optional<std::string> endpoint_url = std::nullopt;
  std::optional<std::string> storage_secret = std::nullopt;
  std::optional<std::string> storage_secret_file = std::nullopt;
  std::optional<std::string> ca_bundle = std::nullopt;
  std::optional<std::string> timeout = std::nullopt;
  bool unsafe_unconditional_writes = false;
};

/// How a running service learns of an edit.
struct RefreshFlags {
  std::optional<std::string> refresh_url = std::nullopt;
  bool no_refresh = false;
};

struct ServeFlags {
  StoreFlags store = {};
  std::optional<std::string> host = std::nullopt;
  std::optional<std::string> port = std::nullopt;
  std::optional<std::string> threads = std::nullopt;
  std::optional<std::string> refresh_interval = std::nullopt;
  std::optional<std::string> max_connections = std::nullopt;
  std::optional<std::string> log_level = std::nullopt;
  std::optional<std::string> drain_delay = std::nullopt;
  std::optional<std::string> cache_file = std::nullopt;
  std::optional<std::string> max_stale = std::nullopt;
  std::optional<std::string> metrics_listen = std::nullopt;
  bool check_config = false;
  bool core_dumps = false;
};

struct CreateFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> name = std::nullopt;
  std::optional<std::string> metadata = std::nullopt;
  std::optional<std::string> secret_type = std::nullopt;
  std::optional<std::string> expires_at = std::nullopt;
  std::optional<std::string> secret_storage = std::nullopt;
  std::optional<std::string> owner = std::nullopt;
  std::vector<std::string> scopes = {};  // NOLINT(readability-redundant-member-init): GCC asks for it
  bool json = false;
};

struct ListFlags {
  StoreFlags store = {};
  bool detailed = false;
  std::optional<std::string> sort = std::nullopt;
  std::optional<std::string> owner = std::nullopt;
  bool expired = false;
  std::optional<std::string> expiring_within = std::nullopt;
  std::optional<std::string> match = std::nullopt;
  bool json = false;
};

struct ShowFlags {
  StoreFlags store = {};
  std::optional<std::string> key_id = std::nullopt;
  bool json = false;
};

struct DeleteFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> key_id = std::nullopt;
  bool yes = false;
  bool json = false;
};

struct UpdateFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> key_id = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  std::optional<std::string> metadata = std::nullopt;
  std::optional<std::string> expires_at = std::nullopt;
  std::optional<std::string> owner = std::nullopt;
  std::vector<std::string> scopes = {};  // NOLINT(readability-redundant-member-init): GCC asks for it
  bool json = false;
};

struct EnableFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> key_id = std::nullopt;
  bool json = false;
};

struct DisableFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> key_id = std::nullopt;
  bool json = false;
};

struct RotateFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> key_id = std::nullopt;
  std::optional<std::string> grace = std::nullopt;
  std::optional<std::string> secret_storage = std::nullopt;
  bool json = false;
};

struct VerifyFlags {
  StoreFlags store = {};
  bool json = false;
};

struct InspectFlags {
  bool json = false;
};

struct ImportFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  std::optional<std::string> file = std::nullopt;
  std::optional<std::string> secret_storage = std::nullopt;
  bool json = false;
};

struct ExportFlags {
  StoreFlags store = {};
  bool redact = false;
  bool json = false;
};

struct MigrateFlags {
  StoreFlags store = {};
  RefreshFlags refresh = {};
  bool hash_secrets = false;
  bool reencrypt = false;
  bool json = false;
};

/// Of the command `refresh`.
struct RefreshCommandFlags {
  std::optional<std::string> url = std::nullopt;
  bool json = false;
};

struct HealthFlags {
  std::optional<std::string> url = std::nullopt;
  bool json = false;
};

struct DoctorFlags {
  StoreFlags store = {};
  bool json = false;
};

/// Not a command: a text to print.
struct Help {
  std::string text;
  /// Asked for: to standard output, exit 0. Else it is what a command line without a command gets.
  bool asked = true;
};

using Invocation = std::variant<Help, ServeFlags, CreateFlags, ListFlags, ShowFlags, UpdateFlags, EnableFlags,
                                DisableFlags, RotateFlags, DeleteFlags, VerifyFlags, InspectFlags, ImportFlags,
                                ExportFlags, MigrateFlags, RefreshCommandFlags, HealthFlags, DoctorFlags>;

}  // namespace heare::app
