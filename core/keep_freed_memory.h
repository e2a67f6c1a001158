// Keeps freed memory in the process, for programs that repeat the same work.
#pragma once

namespace bisque {

/// Makes malloc keep freed memory for later allocations. By default it returns large blocks to the system, which clears
/// them page by page at their next use. A program that renders or trains in a loop calls this once at its start:
/// `bisque render` spent a third of its time on those pages. The program decides this, not a library, because the
/// process never shrinks. Returns false, and changes nothing, if malloc is not glibc's.
bool keep_freed_memory();

}  // namespace bisque
