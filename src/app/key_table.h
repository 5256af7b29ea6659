#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/record_text.h"

namespace heare::app {

/// How much a table may take, and what it may use.
struct TableStyle {
  /// Of the screen; 0: no line has to fit, and nothing is cut.
  size_t columns = 0;
  bool colours = false;
};

/// The table of `list`, with its rules and total. The column Status is there where a key is not active. On a screen no
/// line is wider than that: dates lose their time, then names and types are cut, the types go, and only then the ids
/// are cut, as those are what other commands ask for.
std::string key_table(const std::vector<KeyRow>& rows, const TableStyle& style = {});

}  // namespace heare::app
