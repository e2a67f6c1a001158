// Internal. Checks a shared library before the loader maps it.
#pragma once
#include <string>

namespace bisque {

/// Error: not a regular file, not a shared library of this machine, or a truncated one. The loader maps a truncated
/// library, and the process dies of SIGBUS when it touches a missing page. `python/bisque3d/_shared_library.py` does
/// the same.
void check_shared_library(const std::string& path);

}  // namespace bisque
