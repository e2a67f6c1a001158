// Finds the vertices that a seam splits, so that the surface is smooth there. Free of libtorch.
#pragma once
#include <cstdint>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// BlendshapeData::normal_verts of a model. A file has one vertex per corner where UVs or materials change; such
/// vertices have equal positions, deltas and head weights (up to rounding), and share a normal if
/// - the file has `normals` [V, 3] for both, and they differ by at most one degree: a crease in the file is kept; or
/// - it has none for one of them (`normals` is empty, or zero there), and the edges of the surface continue from one to
///   the other. Parts that only touch, the two sides of a sheet, and transparent groups remain separate.
std::vector<int32_t> find_normal_verts(const BlendshapeData& model, const std::vector<float>& normals = {});

/// The unit normals [V, 3] of the rendered neutral: weighted by area, and shared across seams.
std::vector<float> neutral_normals(const BlendshapeData& model);

}  // namespace bisque
