// Values as in Python's repr, for extra_repr.
#pragma once
#include <c10/util/ArrayRef.h>

#include <string>

namespace bisque {

std::string python_text(bool value);
std::string python_text(double value);
/// A tuple: "(3, 3)", "(3,)".
std::string python_text(c10::IntArrayRef values);

}  // namespace bisque
