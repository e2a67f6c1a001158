// Errors that a test expects.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include <bisque/core/error.h>

namespace bisque::test {

/// The message of the Error that `action` throws; empty where it throws none.
template <class Action>
[[nodiscard]] std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << text << "\" does not contain \"" << part << "\"";
}

}  // namespace bisque::test
