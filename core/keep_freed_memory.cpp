#include <bisque/core/keep_freed_memory.h>

#include <cstdlib>  // defines __GLIBC__
#include <limits>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace bisque {

bool keep_freed_memory() {
#ifdef __GLIBC__
  // Above the first size malloc requests each block from the system; beyond the second it returns the end of its heap.
  constexpr int kNever = std::numeric_limits<int>::max();
  return mallopt(M_MMAP_THRESHOLD, kNever) == 1 && mallopt(M_TRIM_THRESHOLD, kNever) == 1;
#else
  return false;
#endif
}

}  // namespace bisque
