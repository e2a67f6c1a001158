// Internal. The text of an exception of any kind.
#pragma once
#include <string>

namespace bisque {

/// The message of the current exception, or its type if it has none.
std::string current_exception_text();

}  // namespace bisque
