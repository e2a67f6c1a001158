// Internal. Forbids CUDA in a forked process.
#pragma once

namespace bisque::data {

/// After this call, an op that uses CUDA is an error in this process. CUDA does not survive a fork: without this, calls
/// fail with "initialization error", or hang.
void forbid_cuda();

}  // namespace bisque::data
