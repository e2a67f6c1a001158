// PTX images inside the fat binaries that nvcc embeds.
#pragma once
#include <cstdint>
#include <string>

namespace softgpu {

struct FatbinHeader {
  uint32_t magic;
  uint16_t version, header_size;
  uint64_t size;  // of what follows the header
};
constexpr uint32_t kFatbinMagic = 0xba55ed50;

// The PTX text of the highest architecture; empty when there is only machine code.
std::string fatbin_ptx(const void* wrapper);
std::string fatbin_ptx_raw(const void* data);  // data without the wrapper

}  // namespace softgpu
