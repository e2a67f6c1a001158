// PLY files as an op. One kernel serves all devices, since there is no tensor argument.
#include <bisque/ops3d/io/ply.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, std::vector<std::string>> load_ply(
    const std::string& path) {
  const MeshData mesh = read_ply(path);
  return {op::float_rows(mesh.verts, 3), op::index_rows(mesh.faces, 3),    op::float_rows(mesh.normals, 3),
          op::color_rows(mesh.colors),   op::color_rows(mesh.face_colors), mesh.warnings};
}

const op::Register load_ply_op({
    .schema = "bisque::load_ply(str path) -> (Tensor verts, Tensor faces, Tensor normals, Tensor colors,"
              " Tensor face_colors, str[] warnings)",
    .any = BISQUE_KERNEL(load_ply),
});

}  // namespace
}  // namespace bisque
