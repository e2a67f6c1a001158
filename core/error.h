// The error type of the project, and the function that throws it.
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

/// Throws Error with the parts streamed into one sentence: fail(path, ": line ", 7, " has 3 values, expected 61."). A
/// zero byte, which would end what(), is written as \x00.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  std::string message = text.str();
  for (size_t zero = message.find('\0'); zero != std::string::npos; zero = message.find('\0', zero)) {
    message.replace(zero, 1, "\\x00");
  }
  throw Error(message);
}

}  // namespace bisque
