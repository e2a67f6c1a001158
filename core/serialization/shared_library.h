// Internal. Shared libraries as files: what is checked before the loader maps one.
#pragma once
#include <string>

namespace bisque {

/// Error: no regular file, no shared library of this machine, or a truncated one. The loader maps a truncated library
/// and the process dies of SIGBUS when a page that is missing is touched. `python/bisque3d/_shared_library.py` does the
/// same.
void check_shared_library(const std::string& path);

}  // namespace bisque
