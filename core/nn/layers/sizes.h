// One number per dimension, or one for all: Sizes<2>(3) is Sizes<2>{3, 3}.
#pragma once
#include <c10/util/ArrayRef.h>

#include <array>
#include <cstdint>
#include <initializer_list>

namespace bisque {

[[noreturn]] void fail_sizes(size_t expected, size_t got);

template <int D>
class Sizes {
 public:
  // NOLINTBEGIN(google-explicit-constructor): Conv2d(3, 16, 3)
  Sizes(int64_t all) { values_.fill(all); }
  Sizes(std::initializer_list<int64_t> values) {
    if (values.size() != D && values.size() != 1) fail_sizes(D, values.size());
    for (int d = 0; d < D; ++d) values_[d] = values.begin()[values.size() == 1 ? 0 : d];
  }

  int64_t operator[](int d) const { return values_[d]; }
  operator c10::IntArrayRef() const { return values_; }
  // NOLINTEND(google-explicit-constructor)
  c10::IntArrayRef list() const { return values_; }
  bool operator==(const Sizes&) const = default;

 private:
  std::array<int64_t, D> values_;
};

}  // namespace bisque
