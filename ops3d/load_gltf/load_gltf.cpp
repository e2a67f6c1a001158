// glTF files as an op. One kernel serves all devices, since there is no tensor argument.
#include <utility>

#include <bisque/ops3d/io/gltf.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using Texts = std::vector<std::string>;
using LoadedGltf = std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, Texts,
                              op::Tensor, op::Tensor, Texts, std::vector<op::Tensor>, op::Tensor, Texts, op::Tensor,
                              op::Tensor, op::Tensor, Texts>;

// The morph targets one after the other.
struct Morphs {
  Texts names;
  std::vector<int32_t> first_idx{0}, verts;
  std::vector<float> offsets;
};

Morphs joined(std::vector<MorphTarget> targets) {
  Morphs morphs;
  for (MorphTarget& target : targets) {
    morphs.names.push_back(std::move(target.name));
    morphs.verts.insert(morphs.verts.end(), target.verts.begin(), target.verts.end());
    morphs.offsets.insert(morphs.offsets.end(), target.offsets.begin(), target.offsets.end());
    morphs.first_idx.push_back(static_cast<int32_t>(morphs.verts.size()));
  }
  return morphs;
}

LoadedGltf load_gltf(const std::string& path) {
  MeshData mesh = read_gltf(path).mesh;
  if (mesh.face_groups.empty()) mesh.face_groups.assign(static_cast<size_t>(mesh.num_faces()), -1);
  const Morphs morphs = joined(op::taken(mesh.morphs));
  return {op::float_rows(op::taken(mesh.verts), 3),
          op::index_rows(op::taken(mesh.faces), 3),
          op::float_rows(op::taken(mesh.normals), 3),
          op::float_rows(op::taken(mesh.uvs), 2),
          op::index_rows(op::taken(mesh.uv_faces), 3),
          op::color_rows(mesh.colors),
          op::index_rows(op::taken(mesh.face_groups), 0),
          mesh.group_names,
          op::material_rows(mesh.materials),
          op::material_textures(mesh.materials),
          op::texture_paths(mesh.textures),
          op::contained_pictures(mesh.textures),
          op::texture_rows(mesh.textures),
          morphs.names,
          op::index_rows(morphs.first_idx, 0),
          op::index_rows(morphs.verts, 0),
          op::float_rows(morphs.offsets, 3),
          mesh.warnings};
}

const op::Register load_gltf_op({
    .schema = "bisque::load_gltf(str path) -> (Tensor verts, Tensor faces, Tensor normals, Tensor uvs, Tensor uv_faces,"
              " Tensor colors, Tensor face_groups, str[] group_names, Tensor materials, Tensor material_textures,"
              " str[] textures, Tensor[] pictures, Tensor texture_options, str[] morph_names, Tensor morph_first_idx,"
              " Tensor morph_verts, Tensor morph_offsets, str[] warnings)",
    .any = BISQUE_KERNEL(load_gltf),
});

}  // namespace
}  // namespace bisque
