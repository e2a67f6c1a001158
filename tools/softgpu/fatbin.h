// PTX images inside the fat binaries that nvcc embeds.
#pragma once
#include <string>
namespace softgpu {
// The PTX text of the highest architecture; empty when there is only machine code.
std::string fatbin_ptx(const void* wrapper);
std::string fatbin_ptx_raw(const void* data);  // data without the wrapper
}  // namespace softgpu
