// Internal. What a forked process does where code asks it for CUDA.
#pragma once

namespace bisque::data {

/// From here on an op that uses CUDA is an error in this process. CUDA does not survive a fork: without this, calls
/// fail with "initialization error", or hang.
void forbid_cuda();

}  // namespace bisque::data
