// Internal. Decompresses untrusted gzip data.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace bisque {

/// The contents of one complete gzip file; memory grows with the contents, up to `max_bytes`. `where` is the prefix of
/// the message. Error: not a gzip file, a damaged or truncated one, bytes after it, contents above `max_bytes`.
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& where, size_t max_bytes);

}  // namespace bisque
