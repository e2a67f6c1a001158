// OFF files as an op. One kernel serves all devices, since there is no tensor argument.
#include <bisque/ops3d/io/off.h>
#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>

namespace bisque {
namespace {

std::tuple<op::Tensor, op::Tensor, op::Tensor, op::Tensor, op::Tensor, std::vector<std::string>> load_off(
    const std::string& path) {
  const MeshData mesh = read_off(path);
  return {op::float_rows(mesh.verts, 3), op::index_rows(mesh.faces, 3),    op::float_rows(mesh.normals, 3),
          op::color_rows(mesh.colors),   op::color_rows(mesh.face_colors), mesh.warnings};
}

const op::Register load_off_op({
    .schema = "bisque::load_off(str path) -> (Tensor verts, Tensor faces, Tensor normals, Tensor colors,"
              " Tensor face_colors, str[] warnings)",
    .any = BISQUE_KERNEL(load_off),
});

}  // namespace
}  // namespace bisque
