#pragma once

#include <cstddef>
#include <string>

#include "json/reader.h"

namespace heare::json {

/// Appends `value` without white space, as an answer holds it: NaN and infinities (and nothing) as null, lone
/// surrogates as U+FFFD, of members with one name the last (in the first one's place, as Python does); numbers and
/// other escapes as they stand. The result is RFC 8259 without a name given twice in an object. Iterative, and never
/// quadratic.
void append_compact(std::string& out, Value value);

/// Appends `value` as Python's `json.dumps(indent=2, ensure_ascii=False)` lays it out, its first line unindented and
/// each further one indented by `indent` more spaces. Numbers and strings keep their own bytes; every member stays.
/// Iterative.
void append_indented(std::string& out, Value value, size_t indent);

}  // namespace heare::json
