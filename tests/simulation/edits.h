#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "keys/repository.h"
#include "simulation/reading.h"

namespace heare::simulation {

/// An edit as a command makes it, and what it must mean, said a second time in terms of the bytes before and after.
class Edit {
 public:
  virtual ~Edit() = default;
  /// `rotate key_3`, for the trace.
  virtual std::string name() const = 0;
  /// The edit itself, once. `now` is the moment of the command's start.
  virtual Result<> run(keys::KeyRepository& repository, WallTime now, Random& random) = 0;
  /// The document is as after the edit, as far as this edit is concerned.
  virtual bool is_made(const Reading& document) const = 0;
  /// `after` is `before` with this edit made, and not a byte more.
  virtual bool is_step(const Reading& before, const Reading& after) const = 0;
  /// It may be done without a write of its own, where another edit has done the same.
  virtual bool may_be_made_by_others() const { return false; }
};

struct Label {
  std::string id;
  /// Of this edit alone.
  std::string unique;
};

std::unique_ptr<Edit> make_create(Label label);
std::unique_ptr<Edit> make_delete(Label label);
std::unique_ptr<Edit> make_update(Label label);
std::unique_ptr<Edit> make_switch(Label label, bool enabled);
std::unique_ptr<Edit> make_rotate(Label label, bool with_grace);
/// Of so many keys: `id` and a number each.
std::unique_ptr<Edit> make_import(Label label, size_t count);

}  // namespace heare::simulation
