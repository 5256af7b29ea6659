#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "storage/object_store.h"

namespace heare::contract {

/// A place for one object, absent at first and gone with it.
class Place {
 public:
  virtual ~Place() = default;
  /// A store on that object. Any number may be open at once, each used by one thread.
  virtual std::unique_ptr<storage::ObjectStore> open() = 0;
};

/// An implementation that keeps the contract: INSTANTIATE_TEST_SUITE_P(Name, ObjectStoreContract, Values(…)) proves it.
struct Implementation {
  std::string name;
  std::function<std::unique_ptr<Place>()> make_place;
};

inline void PrintTo(const Implementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

/// What storage/object_store.h promises, one claim a test.
class ObjectStoreContract : public ::testing::TestWithParam<Implementation> {
 protected:
  std::unique_ptr<storage::ObjectStore> open() { return place_->open(); }

 private:
  std::unique_ptr<Place> place_ = GetParam().make_place();
};

}  // namespace heare::contract
