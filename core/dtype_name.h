// The Python name of a dtype.
#pragma once
#include <c10/core/ScalarType.h>

#include <string>

namespace bisque {

/// "torch.float32".
inline std::string dtype_name(c10::ScalarType dtype) {
  std::string name = "torch.";
  name += c10::getDtypeNames(dtype).first;
  return name;
}

}  // namespace bisque
