// Internal. Where a writer's bytes go: a file, a stream, a buffer.
#pragma once
#include <cstddef>
#include <functional>
#include <span>

namespace bisque {

/// Takes bytes in order; what it throws ends the writing.
using ByteSink = std::function<void(std::span<const std::byte>)>;

}  // namespace bisque
