#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/renderer/textures/textures_parts.h>
#include <bisque/renderer/textures/textures_uv.h>

namespace bisque {
namespace {

void check_indices(const at::Tensor& indices, const char* name, at::IntArrayRef shape, size_t mesh, at::Device device) {
  if (!indices.defined() || indices.scalar_type() != at::kLong || indices.sizes() != shape) {
    fail("TexturesUV: expected ", name, " of mesh ", mesh, " to be int64 ", shape, ".");
  }
  if (indices.device() != device) fail("TexturesUV: expected ", name, " of mesh ", mesh, " to be on ", device, ".");
}

void check_uv_maps(const UVMaps& mesh, size_t n, at::Device device) {
  if (mesh.maps.empty()) fail("TexturesUV: expected mesh ", n, " to have at least one map.");
  if (!mesh.wraps.empty() && mesh.wraps.size() != mesh.maps.size()) {
    fail("TexturesUV: expected wraps of mesh ", n, " for each of ", mesh.maps.size(), " maps, but got ",
         mesh.wraps.size(), ".");
  }
  for (const at::Tensor& map : mesh.maps) {
    if (!map.defined() || map.dim() != 3 || map.size(0) == 0 || map.size(1) == 0) {
      fail("TexturesUV: expected maps of mesh ", n, " to have the shape [H, W, C], with at least one texel.");
    }
  }
  if (!mesh.verts_uvs.defined() || mesh.verts_uvs.dim() != 2 || mesh.verts_uvs.size(1) != 2) {
    fail("TexturesUV: expected verts_uvs of mesh ", n, " to have the shape [T, 2].");
  }
  const int64_t num_faces = mesh.faces_uvs.defined() && mesh.faces_uvs.dim() == 2 ? mesh.faces_uvs.size(0) : 0;
  check_indices(mesh.faces_uvs, "faces_uvs", {num_faces, 3}, n, device);
  if (mesh.faces_maps.defined()) check_indices(mesh.faces_maps, "faces_maps", {num_faces}, n, device);
}

/// One map per mesh.
std::vector<UVMaps> uv_maps_of(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& faces_uvs,
                               const std::vector<at::Tensor>& verts_uvs) {
  if (maps.size() != faces_uvs.size() || maps.size() != verts_uvs.size()) {
    fail("TexturesUV: expected maps, faces_uvs and verts_uvs of as many meshes, but got ", maps.size(), ", ",
         faces_uvs.size(), " and ", verts_uvs.size(), ".");
  }
  std::vector<UVMaps> meshes;
  for (size_t n = 0; n < maps.size(); ++n) {
    meshes.push_back({.maps = {maps[n]}, .faces_uvs = faces_uvs[n], .verts_uvs = verts_uvs[n]});
  }
  return meshes;
}

/// The elements of padded faces_uvs, without the rows of -1 at the end of each.
std::vector<at::Tensor> without_padding(const at::Tensor& faces_uvs) {
  std::vector<at::Tensor> list = textures::list_of_padded("TexturesUV", "faces_uvs", faces_uvs, 3, {});
  for (at::Tensor& faces : list) {
    const auto used = (faces != -1).any(1).nonzero();
    faces = faces.narrow(0, 0, used.numel() ? used.max().item<int64_t>() + 1 : 0);
  }
  return list;
}

}  // namespace

TexturesUV::TexturesUV(std::vector<UVMaps> meshes, const TexturesUVOptions& options)
    : meshes_(std::move(meshes)), options_(options) {
  std::vector<at::Tensor> texels, faces_uvs, verts_uvs, faces_maps;
  std::vector<int64_t> layouts;
  int64_t first_texel = 0, first_uv = 0, first_map = 0;
  for (size_t n = 0; n < meshes_.size(); ++n) {
    const UVMaps& mesh = meshes_[n];
    check_uv_maps(mesh, n, mesh.maps.empty() ? at::kCPU : mesh.maps[0].device());
    const at::Tensor has_uvs = (mesh.faces_uvs >= 0).all(1);
    const at::Tensor maps = mesh.faces_maps.defined() ? mesh.faces_maps : at::zeros_like(has_uvs, at::kLong);
    faces_maps.push_back(at::where(has_uvs.logical_and(maps >= 0), maps + first_map, -1));
    faces_uvs.push_back(mesh.faces_uvs + first_uv);
    verts_uvs.push_back(mesh.verts_uvs);
    for (size_t m = 0; m < mesh.maps.size(); ++m) {
      const at::Tensor& map = mesh.maps[m];
      const auto wrap = mesh.wraps.empty() ? std::array{options.wrap, options.wrap} : mesh.wraps[m];
      layouts.insert(layouts.end(), {first_texel, map.size(0), map.size(1), static_cast<int64_t>(wrap[0]),
                                     static_cast<int64_t>(wrap[1])});
      texels.push_back(map.reshape({-1, map.size(2)}));
      first_texel += texels.back().size(0);
    }
    first_uv += mesh.verts_uvs.size(0);
    first_map += static_cast<int64_t>(mesh.maps.size());
  }
  maps_ = textures::cat_parts("TexturesUV", "maps", texels, 2);
  verts_uvs_ = textures::cat_parts("TexturesUV", "verts_uvs", verts_uvs, 2);
  faces_uvs_ = at::cat(faces_uvs);
  faces_maps_ = at::cat(faces_maps);
  map_layouts_ = at::tensor(layouts, at::kLong).view({-1, 5}).to(maps_.device());
}

TexturesUV::TexturesUV(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& faces_uvs,
                       const std::vector<at::Tensor>& verts_uvs, const TexturesUVOptions& options)
    : TexturesUV(uv_maps_of(maps, faces_uvs, verts_uvs), options) {}

TexturesUV::TexturesUV(const at::Tensor& maps, const at::Tensor& faces_uvs, const at::Tensor& verts_uvs,
                       const TexturesUVOptions& options)
    : TexturesUV(textures::list_of_padded("TexturesUV", "maps", maps, 4, {}), without_padding(faces_uvs),
                 textures::list_of_padded("TexturesUV", "verts_uvs", verts_uvs, 3, {}), options) {}

at::Tensor TexturesUV::sample(const at::Tensor& pix_to_face, const at::Tensor& bary_coords) const {
  return sample_texture_uv(pix_to_face, bary_coords, faces_uvs_, verts_uvs_, faces_maps_, maps_, map_layouts_,
                           {.bilinear = options_.bilinear, .align_corners = options_.align_corners});
}

at::Tensor TexturesUV::sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const {
  textures::check_num_faces("TexturesUV", faces_packed, faces_uvs_.size(0));
  return sample(fragments.pix_to_face, fragments.bary_coords);
}

at::Tensor TexturesUV::faces_verts_textures_packed() const {
  const int64_t num_faces = faces_uvs_.size(0);
  // One row of pixels per face, one pixel per corner.
  const at::Tensor faces = at::arange(num_faces, faces_uvs_.options()).view({1, num_faces, 1, 1});
  const at::Tensor corners = at::eye(3, maps_.options()).view({1, 1, 3, 1, 3});
  return sample(faces.expand({1, num_faces, 3, 1}), corners.expand({1, num_faces, 3, 1, 3}))
      .view({num_faces, 3, num_channels()});
}

std::shared_ptr<Textures> TexturesUV::select(const std::vector<int64_t>& indices) const {
  std::vector<UVMaps> chosen;
  for (const int64_t n : element_indices("TexturesUV", indices, size())) {
    chosen.push_back(meshes_[static_cast<size_t>(n)]);
  }
  return std::make_shared<TexturesUV>(std::move(chosen), options_);
}

std::shared_ptr<Textures> TexturesUV::to(at::Device device) const {
  std::vector<UVMaps> meshes = meshes_;
  for (UVMaps& mesh : meshes) {
    for (at::Tensor& map : mesh.maps) map = map.to(device);
    mesh.faces_uvs = mesh.faces_uvs.to(device);
    mesh.verts_uvs = mesh.verts_uvs.to(device);
    if (mesh.faces_maps.defined()) mesh.faces_maps = mesh.faces_maps.to(device);
  }
  return std::make_shared<TexturesUV>(std::move(meshes), options_);
}

TexturesUV TexturesUV::join_batch(const std::vector<TexturesUV>& batches) {
  std::vector<UVMaps> meshes;
  for (const TexturesUV& batch : batches) {
    const TexturesUVOptions &a = batch.options_, &b = batches.front().options_;
    if (a.bilinear != b.bilinear || a.align_corners != b.align_corners) {
      fail("TexturesUV: expected the options bilinear and align_corners of joined batches to be the same.");
    }
    for (UVMaps mesh : batch.meshes_) {
      if (mesh.wraps.empty()) mesh.wraps.assign(mesh.maps.size(), {a.wrap, a.wrap});
      meshes.push_back(std::move(mesh));
    }
  }
  return TexturesUV(std::move(meshes), batches.empty() ? TexturesUVOptions{} : batches.front().options_);
}

TexturesUV TexturesUV::join_scene() const {
  UVMaps scene{.maps = {}, .faces_uvs = faces_uvs_, .verts_uvs = verts_uvs_, .faces_maps = faces_maps_};
  for (const UVMaps& mesh : meshes_) {
    scene.maps.insert(scene.maps.end(), mesh.maps.begin(), mesh.maps.end());
    for (size_t m = 0; m < mesh.maps.size(); ++m) {
      scene.wraps.push_back(mesh.wraps.empty() ? std::array{options_.wrap, options_.wrap} : mesh.wraps[m]);
    }
  }
  return TexturesUV({std::move(scene)}, options_);
}

}  // namespace bisque
