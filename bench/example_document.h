#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

/// What the benchmarks read: documents in the layout of `json.dumps(indent=2)`, of the sizes that bench/loading.py has.
namespace heare::bench {

/// One record, from its opening brace on.
inline std::string example_record(int64_t number) {
  return fmt::format(R"({{
      "id": "key_{0:019}",
      "secret": "sec_{0:060}",
      "name": "Name {0:09}",
      "secret_type": "shared_secret",
      "created_at": "2026-01-20T10:30:00.123456Z",
      "updated_at": null,
      "expires_at": null,
      "metadata": {{
        "env": "prod",
        "team": "billing",
        "number": "{0:017}"
      }}
    }})",
                     number);
}

inline std::string example_document(int64_t records) {
  std::string text = "{\n  \"keys\": [";
  for (int64_t n = 0; n < records; ++n) text += (n == 0 ? "\n    " : ",\n    ") + example_record(n);
  return text + "\n  ]\n}";
}

}  // namespace heare::bench
