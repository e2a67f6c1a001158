// OBJ files as an op. One kernel serves all devices, since there is no tensor argument.
#include <utility>

#include <bisque/ops3d/io/obj.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using LoadedObj = std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor,
                             op::Tensor, std::vector<std::string>, op::Tensor, op::Tensor, std::vector<std::string>,
                             op::Tensor, std::vector<std::string>>;

// Frees an array as soon as it is a tensor, so that a mesh is never twice in memory.
template <class T>
std::vector<T> taken(std::vector<T>& values) {
  return std::exchange(values, {});
}

// [M, 12]
std::vector<float> material_rows(const std::vector<Material>& materials) {
  std::vector<float> rows;
  for (const Material& material : materials) {
    for (const auto& color : {material.ambient, material.diffuse, material.specular}) {
      rows.insert(rows.end(), color.begin(), color.end());
    }
    rows.insert(rows.end(), {material.shininess, material.opacity, static_cast<float>(material.illumination)});
  }
  return rows;
}

// [T, 5]
std::vector<float> texture_rows(const std::vector<Texture>& textures) {
  std::vector<float> rows;
  for (const Texture& texture : textures) {
    rows.insert(rows.end(), {texture.scale[0], texture.scale[1], texture.offset[0], texture.offset[1],
                             texture.wrap[0] == Wrap::kClamp ? 1.0F : 0.0F});
  }
  return rows;
}

LoadedObj load_obj(const std::string& path) {
  MeshData mesh = read_obj(path);
  if (mesh.face_groups.empty()) mesh.face_groups.assign(static_cast<size_t>(mesh.num_faces()), -1);
  std::vector<int32_t> textures;
  std::vector<std::string> texture_paths;
  for (const Material& material : mesh.materials) textures.push_back(material.texture);
  for (const Texture& texture : mesh.textures) texture_paths.push_back(texture.path);
  return {op::float_rows(taken(mesh.verts), 3),
          op::index_rows(taken(mesh.faces), 3),
          op::float_rows(taken(mesh.normals), 3),
          op::index_rows(taken(mesh.normal_faces), 3),
          op::float_rows(taken(mesh.uvs), 2),
          op::index_rows(taken(mesh.uv_faces), 3),
          op::color_rows(mesh.colors),
          op::index_rows(taken(mesh.face_groups), 0),
          mesh.group_names,
          op::float_rows(material_rows(mesh.materials), 12),
          op::index_rows(textures, 0),
          texture_paths,
          op::float_rows(texture_rows(mesh.textures), 5),
          mesh.warnings};
}

const op::Register load_obj_op({
    .schema =
        "bisque::load_obj(str path) -> (Tensor verts, Tensor faces, Tensor normals, Tensor normal_faces, Tensor uvs,"
        " Tensor uv_faces, Tensor colors, Tensor face_groups, str[] group_names, Tensor materials,"
        " Tensor material_textures, str[] textures, Tensor texture_options, str[] warnings)",
    .any = BISQUE_KERNEL(load_obj),
});

}  // namespace
}  // namespace bisque
