// What the tests of core/data share.
#pragma once
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include <bisque/core/error.h>

namespace bisque::data::test {

/// The message of the error that an action ends with.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

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
