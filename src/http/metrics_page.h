#pragma once

#include <string>

namespace heare::http {

/// Who knows what GET /metrics answers.
class MetricsPage {
 public:
  virtual ~MetricsPage() = default;
  /// In Prometheus's text format, as things are now. Called from any serving thread; must not wait for any of them.
  virtual std::string text() = 0;
};

}  // namespace heare::http
