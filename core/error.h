// The one error type of the project, and the one way to raise it.
#pragma once
#include <sstream>
#include <stdexcept>
#include <string>

namespace bisque {

/// A bad argument, file or packet. what() is one sentence: what was wrong, where, and what would be right.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Error with the parts streamed into one sentence: fail(path, ": line ", 7, " has 3 values, expected 61.").
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error(text.str());
}

}  // namespace bisque
