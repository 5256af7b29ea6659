#pragma once

#include <new>

#include "base/error.h"

namespace heare {

/// Gives what `work` gives, a Result; where memory runs out meanwhile, the error `unavailable`. For work whose need of
/// memory others decide, as a document's: it must not end a program that has something to go on with.
template <class Work>
auto within_memory(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error{ErrorCode::unavailable, "there is not enough memory"});
  }
}

}  // namespace heare
