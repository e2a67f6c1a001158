// Internal. Unpacking of untrusted gzip data.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace bisque {

/// The contents of one whole gzip file; memory grows with what is unpacked, never above `max_bytes`.
/// `where` begins the message. Error: no gzip file, a damaged or cut one, bytes after it, contents above `max_bytes`.
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& where, size_t max_bytes);

}  // namespace bisque
