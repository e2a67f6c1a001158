#include <bisque/core/torch_file/crc32.h>

#include <libdeflate.h>

namespace bisque {

uint32_t crc32(std::span<const std::byte> bytes, uint32_t before) {
  // libdeflate treats a null pointer as a request for the start value.
  return bytes.empty() ? before : libdeflate_crc32(before, bytes.data(), bytes.size());
}

}  // namespace bisque
