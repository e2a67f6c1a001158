// Texture maps with uv coordinates.
#pragma once
#include <array>

#include <bisque/core/data/ragged_sizes.h>
#include <bisque/ops3d/sample_texture_uv/sample_texture_uv.h>
#include <bisque/renderer/textures/textures.h>

namespace bisque {

/// The maps of one mesh, and which of them each face shows.
struct UVMaps {
  std::vector<at::Tensor> maps;  // [H, W, C] each, rows from top to bottom
  at::Tensor faces_uvs;          // [F, 3] int64: indices of verts_uvs; a face with a -1 has no map
  at::Tensor verts_uvs;          // [T, 2]: (0, 0) is the lower left of a map, (1, 1) its upper right
  at::Tensor faces_maps = {};    // [F] int64: indices of maps, -1: none; undefined: the first map for all
  std::vector<std::array<TextureWrap, 2>> wraps = {};  // of each map along u and v; empty: TexturesUVOptions::wrap
};

struct TexturesUVOptions {
  /// Outside of [0, 1]: kClamp is PyTorch3D's padding_mode "border", kMirror "reflection", kZeros "zeros".
  TextureWrap wrap = TextureWrap::kClamp;
  bool bilinear = true;  // PyTorch3D's sampling_mode "bilinear"; false: "nearest"
  /// Where texels are: false as in graphics APIs, true as in PyTorch3D, where it is the default (see
  /// SampleTextureUvOptions).
  bool align_corners = false;
};

/// Texture maps: several per mesh, of any sizes, each with its wrap modes. Faces without a map are white (1). See the
/// op sample_texture_uv.
class TexturesUV : public Textures {
 public:
  /// Errors: no meshes; shapes other than those of UVMaps; channels, dtypes or devices that differ; a mesh without
  /// maps; wraps of another number than maps. Indices are checked when textures are sampled.
  explicit TexturesUV(std::vector<UVMaps> meshes, const TexturesUVOptions& options = {});
  /// One map per mesh: maps [N, H, W, C], faces_uvs [N, F, 3], verts_uvs [N, T, 2], or without N for one mesh.
  /// Rows of -1 at the end of the faces_uvs of a mesh are padding.
  TexturesUV(const at::Tensor& maps, const at::Tensor& faces_uvs, const at::Tensor& verts_uvs,
             const TexturesUVOptions& options = {});
  /// One map per mesh: lists of maps [H, W, C], faces_uvs [F, 3] and verts_uvs [T, 2].
  TexturesUV(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& faces_uvs,
             const std::vector<at::Tensor>& verts_uvs, const TexturesUVOptions& options = {});

  at::Tensor sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const override;
  int64_t size() const override { return static_cast<int64_t>(meshes_.size()); }
  int64_t num_channels() const override { return maps_.size(1); }
  std::shared_ptr<Textures> select(const std::vector<int64_t>& indices) const override;
  std::shared_ptr<Textures> to(at::Device device) const override;

  const std::vector<UVMaps>& meshes() const { return meshes_; }
  const TexturesUVOptions& options() const { return options_; }

  // The arguments of sample_texture_uv.
  const at::Tensor& faces_uvs_packed() const { return faces_uvs_; }    ///< [sum F, 3]
  const at::Tensor& verts_uvs_packed() const { return verts_uvs_; }    ///< [sum T, 2]
  const at::Tensor& faces_maps_packed() const { return faces_maps_; }  ///< [sum F]
  const at::Tensor& maps_packed() const { return maps_; }              ///< [P, C]
  const at::Tensor& map_layouts() const { return map_layouts_; }       ///< [M, 5]
  /// The op on these arguments: texels [N, H, W, K, C] at any places of the faces.
  at::Tensor sample(const at::Tensor& pix_to_face, const at::Tensor& bary_coords) const;
  /// [sum F, 3, C]: the texels at the corners of the faces.
  at::Tensor faces_verts_textures_packed() const;

  /// Those of all meshes of several batches in one, with the options of the first; of one mesh that joins all meshes of
  /// a batch. Error: none, or options that differ.
  static TexturesUV join_batch(const std::vector<TexturesUV>& batches);
  TexturesUV join_scene() const;

 private:
  std::vector<UVMaps> meshes_;
  TexturesUVOptions options_;
  at::Tensor faces_uvs_, verts_uvs_, faces_maps_, maps_, map_layouts_;
};

}  // namespace bisque
