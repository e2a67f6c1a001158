#include <bisque/ops3d/functions/vert_align.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/pointclouds.h>

namespace bisque {
namespace {

void check_feature_map(const at::Tensor& feats, const at::Tensor& verts) {
  if (feats.dim() != 4 || feats.size(0) != verts.size(0)) {
    fail("vert_align: expected feats to be [N, C, H, W] with N = ", verts.size(0), " as verts, but got ", feats.sizes(),
         ".");
  }
  if (feats.scalar_type() != verts.scalar_type() || feats.device() != verts.device()) {
    fail("vert_align: expected feats of ", verts.dtype().name(), " on ", verts.device(), " as verts, but got ",
         feats.dtype().name(), " on ", feats.device(), ".");
  }
  if (feats.size(2) == 0 || feats.size(3) == 0) {
    fail("vert_align: expected feats to have pixels, but got ", feats.sizes(), ".");
  }
}

// [N, V, C]
at::Tensor sample_feature_map(const at::Tensor& feats, const at::Tensor& verts, const VertAlignOptions& options) {
  check_feature_map(feats, verts);
  if (verts.numel() == 0 || feats.size(1) == 0) {  // which grid_sampler refuses
    const auto nothing = at::zeros({verts.size(0), verts.size(1), feats.size(1)}, feats.options());
    return nothing + 0 * (feats.sum() + verts.sum());
  }
  const auto grid = verts.slice(2, 0, 2).unsqueeze(1);
  const auto sampled = at::grid_sampler(feats, grid, static_cast<int64_t>(options.interp_mode),
                                        static_cast<int64_t>(options.padding_mode), options.align_corners);
  return sampled.squeeze(2).transpose(1, 2);
}

// The rows of padded verts that are verts, if the result is to be packed.
at::Tensor vert_align_rows(const std::vector<at::Tensor>& feats, const at::Tensor& padded, const at::Tensor& rows,
                           const VertAlignOptions& options) {
  const auto aligned = vert_align(feats, padded, options);
  return options.return_packed ? aligned.index_select(0, rows) : aligned;
}

}  // namespace

at::Tensor vert_align(const std::vector<at::Tensor>& feats, const at::Tensor& verts, const VertAlignOptions& options) {
  if (verts.dim() != 3 || verts.size(2) < 2) {
    fail("vert_align: expected verts to be [N, V, 3], but got ", verts.sizes(), ".");
  }
  if (feats.empty()) fail("vert_align: expected at least one feature map, but got none.");
  std::vector<at::Tensor> sampled;
  for (const at::Tensor& map : feats) sampled.push_back(sample_feature_map(map, verts, options));
  const auto all = at::cat(sampled, 2);
  return options.return_packed ? all.flatten(0, 1) : all;
}

at::Tensor vert_align(const std::vector<at::Tensor>& feats, const Meshes& meshes, const VertAlignOptions& options) {
  return vert_align_rows(feats, meshes.verts_padded(), meshes.verts_padded_to_packed_idx(), options);
}

at::Tensor vert_align(const std::vector<at::Tensor>& feats, const Pointclouds& clouds,
                      const VertAlignOptions& options) {
  return vert_align_rows(feats, clouds.points_padded(), clouds.padded_to_packed_idx(), options);
}

}  // namespace bisque
