// Shared by the tests of core/data.
#pragma once
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <optional>

#include <bisque/tests/testing/errors.h>

namespace bisque::data::test {

using bisque::test::error_of;

struct Squares {
  int64_t count = 10;
  int64_t size() const { return count; }
  int64_t operator[](int64_t i) const { return i * i; }
};

/// first, first + 1, ... last - 1, one after the other.
struct Count {
  int64_t first = 0, last = 0;
  auto iter() const {
    return [at = first, last = last]() mutable -> std::optional<int64_t> {
      return at < last ? std::optional(at++) : std::nullopt;
    };
  }
};

}  // namespace bisque::data::test
