#pragma once

#include <memory>

#include "storage/object_store.h"

namespace heare::storage {

/// An object in memory, for tests. Any number of threads may use it.
std::unique_ptr<ObjectStore> make_memory_store();

}  // namespace heare::storage
