// Internal. The destination of a writer's bytes: a file, a stream, a buffer.
#pragma once
#include <cstddef>
#include <functional>
#include <span>

namespace bisque {

/// Receives bytes in order; an exception ends the writing.
using ByteSink = std::function<void(std::span<const std::byte>)>;

}  // namespace bisque
