// Internal. The checksum of zip, gzip and PNG.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace bisque {

/// CRC-32 (polynomial 0x04C11DB7, reflected) of `bytes`, appended to data with the checksum `before`.
uint32_t crc32(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace bisque
