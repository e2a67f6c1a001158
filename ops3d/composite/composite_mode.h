// How composite blends; free of torch.
#pragma once
#include <cstdint>

namespace bisque {

enum class CompositeMode : int64_t { kAlpha, kWeightedSum, kNormWeightedSum };

}  // namespace bisque
