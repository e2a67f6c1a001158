// Features of images at the projections of vertices.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace bisque {

class Meshes;
class Pointclouds;

enum class InterpMode : int64_t { kBilinear, kNearest };  // as at::grid_sampler counts them
enum class VertAlignPadding : int64_t { kZeros, kBorder, kReflection };

struct VertAlignOptions {
  bool return_packed = false;
  InterpMode interp_mode = InterpMode::kBilinear;
  VertAlignPadding padding_mode = VertAlignPadding::kZeros;  // of features outside of the image
  bool align_corners = true;  // -1 and 1 are the centres of the outer pixels; else their borders
};

/// Samples feature maps at x and y of vertices, and joins their channels.
///
///   feats    [N, C, H, W]  float32 or float64; the maps may differ in C, H and W
///   verts    [N, V, 3]     or more columns, of the same dtype: x from -1 (left) to 1 (right), y from -1 (top) to 1
///                          (bottom); z is not used
///   returns  [N, V, sum C]; [N V, sum C] if return_packed, and then for Meshes and Pointclouds [sum V, sum C], without
///            padding
///
/// Differentiable by feats and verts. Deterministic on the CPU. N or V may be 0. A vertex whose x or y is NaN samples
/// an undefined pixel of the map, or none. Errors: no feature maps, shapes, dtypes or devices that do not match.
at::Tensor vert_align(const std::vector<at::Tensor>& feats, const at::Tensor& verts,
                      const VertAlignOptions& options = {});
at::Tensor vert_align(const std::vector<at::Tensor>& feats, const Meshes& meshes, const VertAlignOptions& options = {});
at::Tensor vert_align(const std::vector<at::Tensor>& feats, const Pointclouds& clouds,
                      const VertAlignOptions& options = {});

}  // namespace bisque
