// Internal. Detects coefficients that seem to be percentages.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// The columns of a take that are ARKit shapes by name.
std::vector<int64_t> known_shape_columns(const Take& take);

/// A sentence if some of `columns`, times `scale`, are above 1.5 in most frames; empty otherwise.
std::string large_values_note(const Take& take, std::span<const int64_t> columns, double scale = 1);

}  // namespace bisque
