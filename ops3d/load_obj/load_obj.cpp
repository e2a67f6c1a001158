// OBJ files as an op. One kernel serves all devices, since there is no tensor argument.
#include <bisque/ops3d/io/obj.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using LoadedObj = std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor,
                             op::Tensor, std::vector<std::string>, op::Tensor, op::Tensor, std::vector<std::string>,
                             op::Tensor, std::vector<std::string>>;

LoadedObj load_obj(const std::string& path) {
  MeshData mesh = read_obj(path);
  if (mesh.face_groups.empty()) mesh.face_groups.assign(static_cast<size_t>(mesh.num_faces()), -1);
  return {op::float_rows(op::taken(mesh.verts), 3),
          op::index_rows(op::taken(mesh.faces), 3),
          op::float_rows(op::taken(mesh.normals), 3),
          op::index_rows(op::taken(mesh.normal_faces), 3),
          op::float_rows(op::taken(mesh.uvs), 2),
          op::index_rows(op::taken(mesh.uv_faces), 3),
          op::color_rows(mesh.colors),
          op::index_rows(op::taken(mesh.face_groups), 0),
          mesh.group_names,
          op::material_rows(mesh.materials),
          op::material_textures(mesh.materials),
          op::texture_paths(mesh.textures),
          op::texture_rows(mesh.textures),
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
