// OBJ files as an op, of tensors on the CPU.
#include <bisque/ops3d/io/obj.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

using OptionalTensor = std::optional<op::Tensor>;

void save_obj(const std::string& path, const op::Tensor& verts, const op::Tensor& faces, const OptionalTensor& normals,
              const OptionalTensor& normal_faces, const OptionalTensor& uvs, const OptionalTensor& uv_faces,
              const OptionalTensor& colors, const std::optional<std::string>& texture,
              const std::optional<int64_t>& decimal_places) {
  MeshData mesh = op::mesh_of("save_obj", {verts, faces, {}, colors, {}});
  op::set_indexed("save_obj", "normals", normals, "normal_faces", normal_faces, 3, verts, mesh.normals,
                  mesh.normal_faces, mesh.faces);
  op::set_indexed("save_obj", "uvs", uvs, "uv_faces", uv_faces, 2, verts, mesh.uvs, mesh.uv_faces, mesh.faces);
  if (texture) {
    mesh.group_names = {"material"};
    mesh.face_groups.assign(static_cast<size_t>(mesh.num_faces()), 0);
    mesh.textures = {Texture{.path = *texture}};
    mesh.materials = {Material{.name = "material", .texture = 0}};
  }
  write_obj(path, mesh, {.decimal_places = op::decimal_places_of("save_obj", decimal_places)});
}

const op::Register save_obj_op({
    .schema = "bisque::save_obj(str path, Tensor verts, Tensor faces, Tensor? normals=None, Tensor? normal_faces=None,"
              " Tensor? uvs=None, Tensor? uv_faces=None, Tensor? colors=None, str? texture=None,"
              " int? decimal_places=None) -> ()",
    .any = BISQUE_KERNEL(save_obj),
});

}  // namespace
}  // namespace bisque
