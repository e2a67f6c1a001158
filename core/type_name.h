// The name of a C++ type in messages.
#pragma once
#include <string>
#include <typeinfo>

namespace bisque {

/// The bare name: "Linear" for bisque::Linear, "Stack" for Stack<Linear>.
std::string type_name(const std::type_info& type);

}  // namespace bisque
