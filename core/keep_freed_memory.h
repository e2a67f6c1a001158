// Memory that is freed stays with the process, for programs that do the same work again and again.
#pragma once

namespace bisque {

/// From now on malloc keeps what is freed for the next who asks, where it would hand large pieces back to the system,
/// which clears them anew, page by page, at their next use. A program that renders or trains in a loop calls it once at
/// its start: `bisque render` spent a third of its time on those pages. It is for the program to decide, not for a
/// library: the process never shrinks. Returns false, and changes nothing, where malloc is not glibc's.
bool keep_freed_memory();

}  // namespace bisque
