#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/reader.h"
#include "keys/api_key.h"
#include "keys/cipher.h"
#include "simulation/simulated_object.h"

namespace heare::simulation {

/// One record of a version, and where it stands in the text.
struct RecordRead {
  size_t begin;
  size_t end;
  keys::ApiKey key;
};

/// A version of the document as the checks see it. What is not there reads as what an edit makes of nothing.
struct Reading {
  std::string text;
  std::vector<RecordRead> records;
  bool absent = false;

  std::string_view record(size_t position) const;
  /// The last record with that id.
  std::optional<size_t> find(std::string_view id) const;
  size_t count(std::string_view id) const;
  /// Where the last record before `position` ends, or the array begins.
  size_t end_before(size_t position) const;
  /// Where the next record after `position` begins, or the array ends.
  size_t begin_after(size_t position) const;
};

Result<Reading> read_version(const Version& version, const keys::DocumentCipher& cipher);

/// The members of two records are the same bytes in the same order, but for those in `except`.
bool same_but_for(std::string_view record, std::string_view other, const std::vector<std::string_view>& except);
/// The text of a member that is a string; nothing otherwise.
std::optional<std::string> text_member(std::string_view record, std::string_view name);

}  // namespace heare::simulation
